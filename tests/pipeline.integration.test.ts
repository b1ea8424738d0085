import { tracks } from '../shared/pipelines/tracks/index.ts';
import { eventually } from './harness.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';

const ENTRY = 'metadata_enrichment_queue';
const DLQ = 'metadata_enrichment_dlq';
const LONG = { timeoutMs: 15_000 };

let pipeline: TestPipeline;

beforeEach(async () => {
  pipeline = await openTestPipeline();
});

afterEach(async () => {
  await pipeline.close();
});

const strobe = (id: string, more: object = {}) => ({
  track_id: id,
  artist: 'Deadmau5',
  title: 'Strobe',
  priority: 5,
  ...more,
});

interface Row {
  readonly track_id: string;
  readonly enrichment_status: string;
  readonly enrichment_source_api: string | null;
  readonly missing: readonly string[] | null;
  readonly enriched: Record<string, unknown>;
}

const rows = async (): Promise<Row[]> =>
  (await pipeline.db.query<Row>('select * from tracks order by track_id')).rows;

const settled = (count: number): Promise<Row[]> =>
  eventually(async () => {
    const found = await rows();
    expect(found).toHaveLength(count);
    return found;
  }, LONG);

test('a thousand tasks of one track become a thousand rows by one look-up', async () => {
  await pipeline.openWorker();
  await pipeline.openWorker();
  await pipeline.send(ENTRY, ...Array.from({ length: 1_000 }, (_, at) => strobe(`t${at}`)));
  const found = await settled(1_000);
  expect(new Set(found.map(({ enrichment_source_api: source }) => source))).toEqual(new Set(['spotify']));
  expect(found[0]?.enriched).toMatchObject({ title: 'Strobe', album: 'For Lack of a Better Name' });
  expect(await pipeline.figures('spotify')).toMatchObject({ requests: 1, violations: 0 });
});

test('what can never be a task is in the dead letters with its reason, and the worker goes on', async () => {
  await pipeline.openWorker();
  const deep = `{"track_id":"d","artist":"a","title":"b","deep":${'['.repeat(500)}${']'.repeat(500)}}`;
  await pipeline.send(
    ENTRY,
    Buffer.from('not json'),
    { track_id: 'x', artist: 'a' },
    { ...strobe('large'), padding: 'x'.repeat(300 * 1024) },
    Buffer.from(deep),
    strobe('good'),
  );
  await settled(1);
  const reasons = await eventually(async () => {
    expect(await pipeline.depth(DLQ)).toBe(4);
    const letters = await Promise.all([1, 2, 3, 4].map(() => pipeline.take(DLQ)));
    return letters.map((letter) => letter && letter.properties.headers);
  });
  expect(reasons).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ 'x-reason': 'not_json', 'x-origin-queue': ENTRY }),
      expect.objectContaining({
        'x-reason': 'invalid',
        'x-error': expect.stringContaining('title') as string,
      }),
      expect.objectContaining({ 'x-reason': 'too_large' }),
      expect.objectContaining({ 'x-reason': 'too_deep' }),
    ]),
  );
});

test('a warm task makes no request, whatever worker gets it', async () => {
  await pipeline.openWorker();
  await pipeline.send(ENTRY, strobe('first'));
  await settled(1);
  await pipeline.openWorker();
  await pipeline.send(ENTRY, ...Array.from({ length: 20 }, (_, at) => strobe(`again${at}`)));
  await settled(21);
  expect((await pipeline.figures('spotify')).requests).toBe(1);
});

test('refresh looks up again, once', async () => {
  await pipeline.openWorker();
  await pipeline.send(ENTRY, strobe('first'));
  await settled(1);
  const notBefore = Date.now();
  await pipeline.send(
    ENTRY,
    strobe('second', { not_before: notBefore }),
    strobe('third', { not_before: notBefore }),
  );
  await settled(3);
  expect((await pipeline.figures('spotify')).requests).toBe(2);
});

test('a provider that asks for time gets it: nothing is sent before, no attempt is spent', async () => {
  await pipeline.control('POST', '/faults', {
    provider: 'spotify',
    kind: 'rate_limited',
    count: 1,
    retry_after: 2,
  });
  await pipeline.openWorker();
  const began = performance.now();
  await pipeline.send(
    ENTRY,
    ...Array.from({ length: 5 }, (_, at) => strobe(`t${at}`, { duration_ms: 637_000 + at })),
  );
  const found = await settled(5);
  expect(performance.now() - began).toBeGreaterThan(2_000);
  expect(found.every(({ enrichment_status: status }) => status === 'enriched')).toBe(true);
  expect((await pipeline.figures('spotify')).before_retry_after).toBe(0);
});

test('a provider that keeps failing is given up on for the task, the chain goes on, and the row says who is missing', async () => {
  await pipeline.control('POST', '/faults', { provider: 'spotify', kind: 'status', status: 500 });
  await pipeline.openWorker({ SPOTIFY_ATTEMPTS: '1' });
  await pipeline.send(ENTRY, strobe('t1'));
  const [row] = await settled(1);
  expect(row).toMatchObject({ enrichment_status: 'enriched', missing: ['spotify'] });
  expect(row?.enrichment_source_api).not.toBe('spotify');
});

test('a transient fault is tried again after a step of the ladder', async () => {
  await pipeline.control('POST', '/faults', { provider: 'spotify', kind: 'reset_before_headers', count: 1 });
  await pipeline.openWorker();
  await pipeline.send(ENTRY, strobe('t1'));
  const [row] = await settled(1);
  expect(row).toMatchObject({ enrichment_source_api: 'spotify', enrichment_status: 'enriched' });
  expect((await pipeline.figures('spotify')).requests).toBe(2);
});

test('a task that every provider fails is dead: in the dead letters, and its row says so', async () => {
  for (const provider of tracks.chain) {
    await pipeline.control('POST', '/faults', { provider, kind: 'contract' });
  }
  await pipeline.openWorker(
    Object.fromEntries(tracks.chain.map((provider) => [`${provider.toUpperCase()}_ATTEMPTS`, '1'])),
  );
  await pipeline.send(ENTRY, strobe('t1'));
  const [row] = await settled(1);
  expect(row?.enrichment_status).toBe('dead');
  const letter = await pipeline.take(DLQ);
  expect(letter && letter.properties.headers).toMatchObject({ 'x-reason': 'providers_failed' });
});

test('a worker that stops finishes what it began, and another finishes the rest: each row once, each question once', async () => {
  const leaving = await pipeline.openWorker();
  await pipeline.send(
    ENTRY,
    ...Array.from({ length: 300 }, (_, at) =>
      strobe(`t${at}`, { title: `Nobody Knows This Song ${at % 40}` }),
    ),
  );
  await eventually(async () => {
    expect((await rows()).length).toBeGreaterThan(5);
  }, LONG);
  await leaving.stop();
  const finished = (await rows()).length;
  await pipeline.openWorker();
  const found = await settled(300);
  expect(finished).toBeLessThan(300);
  expect(found.every(({ enrichment_status: status }) => status === 'not_found')).toBe(true);
  expect(await pipeline.depth(ENTRY)).toBe(0);
});

test('without Redis tasks are enriched all the same', async () => {
  await pipeline.openWorker({ REDIS_URL: 'redis://127.0.0.1:1' });
  await pipeline.send(ENTRY, strobe('t1'), strobe('t2', { artist: 'Queen', title: 'Bohemian Rhapsody' }));
  const found = await settled(2);
  expect(found.map(({ enrichment_status: status }) => status)).toEqual(['enriched', 'enriched']);
});

test('readiness tells a worker that consumes from one that has stopped', async () => {
  const worker = await pipeline.openWorker();
  await eventually(() => {
    expect(worker.readiness().ok).toBe(true);
  });
  expect(worker.health().ok).toBe(true);
  await worker.stop();
  expect(worker.readiness().ok).toBe(false);
});
