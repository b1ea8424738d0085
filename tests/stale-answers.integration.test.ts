/** Answers that have passed their time: given at once, and asked for anew by one task of the backlog. */
import { openRedis, redisReady, type Redis } from '../shared/redis/redis-client.ts';
import { SILENT } from '../shared/observability/log.ts';
import { eventually } from './harness.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';

const ENTRY = 'metadata_enrichment_queue';
const LONG = { timeoutMs: 15_000 };
const STALE_SINCE_MS = 60_000;

let pipeline: TestPipeline;
let redis: Redis;
beforeEach(async () => {
  pipeline = await openTestPipeline();
  redis = openRedis({ url: pipeline.env['REDIS_URL'] ?? '', name: 'stale-test', log: SILENT });
  await redisReady(redis, 5_000);
});
afterEach(async () => {
  redis.disconnect();
  await pipeline.close();
});

const messageOf = (id: string, more: object = {}): object => ({
  track_id: id,
  artist: 'Deadmau5',
  title: 'Strobe',
  providers: ['spotify'],
  ...more,
});
const rows = (count: number): Promise<readonly { readonly task_id: string }[]> =>
  eventually(async () => {
    const found = await pipeline.db.query<{ task_id: string }>('select task_id from tracks');
    expect(found.rows).toHaveLength(count);
    return found.rows;
  }, LONG);
const requestsSoFar = async (): Promise<number> => (await pipeline.figures('spotify')).requests;

interface Cached {
  readonly expiresAt: number;
  readonly fetchedAt: number;
}

async function cached(): Promise<{ readonly key: string; readonly answer: Cached }> {
  const [key = ''] = await redis.keys('*:answer:*');
  const text = (await redis.get(key)) ?? '0 {}';
  return { key, answer: JSON.parse(text.slice(text.indexOf(' ') + 1)) as Cached };
}

/** As if the answer had been fetched long ago; what it was made of is older than it says. */
async function age(): Promise<void> {
  const { key, answer } = await cached();
  const fetchedAt = Date.now() - 2 * STALE_SINCE_MS;
  const aged = { ...answer, fetchedAt, expiresAt: Date.now() - STALE_SINCE_MS };
  await redis.set(key, `${fetchedAt} ${JSON.stringify(aged)}`, 'PX', 600_000);
}

test('a stale answer is given to everybody at once, and asked for anew once', async () => {
  await pipeline.openWorker({ ENRICHMENT_LANES: 'priority' });
  await pipeline.send(ENTRY, messageOf('first'));
  await rows(1);
  const perLookUp = await requestsSoFar();
  await age();
  const ids = Array.from({ length: 20 }, (_, at) => `again-${at}`);
  await pipeline.send(ENTRY, ...ids.map((id) => messageOf(id)));
  await rows(21);
  expect(await requestsSoFar()).toBe(perLookUp);
  await eventually(async () => {
    expect(await pipeline.depth('metadata_enrichment_backlog')).toBe(1);
  }, LONG);
  await pipeline.openWorker({ ENRICHMENT_LANES: 'backlog' });
  await eventually(async () => {
    expect((await cached()).answer.expiresAt).toBeGreaterThan(Date.now());
  }, LONG);
  expect(await requestsSoFar()).toBe(2 * perLookUp);
  await pipeline.send(ENTRY, messageOf('last'));
  await rows(22);
  expect(await requestsSoFar()).toBe(2 * perLookUp);
});

test('a refresh is given no stale answer, and what it finds is everybody’s', async () => {
  await pipeline.openWorker();
  await pipeline.send(ENTRY, messageOf('first'));
  await rows(1);
  const perLookUp = await requestsSoFar();
  await age();
  await pipeline.send(ENTRY, messageOf('refreshed', { not_before: Date.now() }));
  await rows(2);
  expect(await requestsSoFar()).toBe(2 * perLookUp);
  expect((await cached()).answer.expiresAt).toBeGreaterThan(Date.now());
});

test('an answer is kept for the time that is set after its own, so that it can be given stale', async () => {
  await pipeline.openWorker({ SPOTIFY_HIT_TTL_SECONDS: '3600', ENRICHMENT_STALE_SECONDS: '7200' });
  await pipeline.send(ENTRY, messageOf('first'));
  await rows(1);
  const { key, answer } = await cached();
  expect(answer.expiresAt - answer.fetchedAt).toBe(3_600_000);
  const keptMs = await redis.pttl(key);
  expect(keptMs).toBeGreaterThan(3 * 3_600_000 - 60_000);
  expect(keptMs).toBeLessThanOrEqual(3 * 3_600_000);
});
