/** What operators say, on the real command, workers and servers. */
import { type Ended, runEnrich } from './enrich-command.ts';
import { eventually } from './harness.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';

const ENTRY = 'metadata_enrichment_queue';
const BACKLOG = 'metadata_enrichment_backlog';
const LONG = { timeoutMs: 20_000 };

let pipeline: TestPipeline;

beforeEach(async () => {
  pipeline = await openTestPipeline();
});

afterEach(async () => {
  await pipeline.close();
});

const enrich = (...args: readonly string[]): Promise<Ended> => runEnrich(args, pipeline.env);

const done = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await enrich(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

interface Row {
  readonly track_id: string;
  readonly enrichment_status: string | null;
  readonly enrichment_source_api: string | null;
  readonly missing: readonly string[];
  readonly enriched: Readonly<Record<string, unknown>>;
  readonly provenance: Readonly<Record<string, { readonly provider: string }>>;
}

const track = async (id: string): Promise<Row> => {
  const { rows } = await pipeline.db.query<Row>('select * from tracks where track_id = $1', [id]);
  expect(rows).toHaveLength(1);
  return rows[0]!;
};
const settled = (id: string): Promise<Row> => eventually(() => track(id), LONG);
const givers = ({ provenance }: Row): Set<string> =>
  new Set(Object.values(provenance).map(({ provider }) => provider));

const strobe = (id: string, more: object = {}) => ({
  track_id: id,
  artist: 'Deadmau5',
  title: 'Strobe',
  ...more,
});

test('a task goes on without a provider that is held for long, and refresh asks that one later', async () => {
  expect(await done('pause', 'spotify', '--for', '2h', '--reason', 'an audit')).toContain('paused for 2 h');
  await pipeline.openWorker();
  await pipeline.send(ENTRY, strobe('s'));
  expect(await settled('s')).toMatchObject({
    enrichment_status: 'enriched',
    enrichment_source_api: 'musicbrainz',
    missing: ['spotify'],
  });
  expect(await pipeline.figures('spotify')).toMatchObject({ requests: 0 });

  expect(await done('resume', 'spotify')).toContain('goes on');
  expect(JSON.parse(await done('refresh', '--partial', '--dry-run', '--json'))).toMatchObject({ found: 1 });
  expect(JSON.parse(await done('refresh', '--partial', '--json'))).toMatchObject({ published: 1 });
  await eventually(async () => {
    const row = await track('s');
    expect(row.missing).toEqual([]);
    expect(givers(row)).toContain('spotify');
  }, LONG);
  expect(await pipeline.figures('musicbrainz')).toMatchObject({ requests: 2 });
  expect(JSON.parse(await done('refresh', '--partial', '--dry-run', '--json'))).toMatchObject({ found: 0 });

  const { rows } = await pipeline.db.query('select action, target from audit_log order by at');
  expect(rows).toEqual([
    { action: 'provider.pause', target: 'spotify' },
    { action: 'provider.resume', target: 'spotify' },
  ]);
}, 60_000);

test('the last provider that could answer is waited for, however long it is held', async () => {
  await done('providers', 'pause', 'tmdb');
  await pipeline.openWorker();
  await pipeline.send('movie_enrichment_queue', { movie_id: 'm', title: 'Avatar', year: 2009 });
  await eventually(async () => {
    expect(await pipeline.depth('enrichment_retry_15m')).toBe(1);
  }, LONG);
  const { rows } = await pipeline.db.query('select from movies');
  expect(rows).toHaveLength(0);
}, 60_000);

test('nothing of a paused lane is taken, also by a worker that starts, and it goes on when it is resumed', async () => {
  await pipeline.openWorker();
  await done('pause', 'backlog', '--reason', 'a migration');
  await pipeline.openWorker();
  await eventually(async () => {
    expect((await pipeline.channel.checkQueue(BACKLOG)).consumerCount).toBe(0);
  }, LONG);
  await pipeline.send(BACKLOG, strobe('later'));
  await pipeline.send(ENTRY, strobe('now'));
  await settled('now');
  expect(await pipeline.depth(BACKLOG)).toBe(1);
  expect(await done('providers')).toContain('backlog lane is paused: a migration');
  await done('resume', 'backlog');
  await settled('later');
}, 60_000);

test('a paused intake lets what is under way end', async () => {
  await done('pause', 'intake');
  await pipeline.openWorker();
  await pipeline.send('enrichment_spotify_queue', strobe('under-way', { pipeline: 'tracks' }));
  await pipeline.send(ENTRY, strobe('outside'));
  await settled('under-way');
  expect(await pipeline.depth(ENTRY)).toBe(1);
}, 60_000);

test('the table shows what workers did, what it cost, and a rate that somebody set', async () => {
  const { metrics } = await pipeline.openWorker({ SPOTIFY_COST_PER_REQUEST_USD: '0.125' });
  await pipeline.send(ENTRY, strobe('s'));
  await settled('s');
  await done('providers', 'set-rate', 'spotify', '5/s');
  const spotify = await eventually(async () => {
    const { providers } = JSON.parse(await done('providers', '--json')) as {
      providers: Record<string, unknown>[];
    };
    const found = providers.find(({ provider }) => provider === 'spotify');
    expect(found).toMatchObject({ requests_last_minute: 1 });
    return found;
  }, LONG);
  expect(spotify).toMatchObject({
    state: 'open',
    mode: 'sandbox',
    workers: 1,
    rate: '5/1000ms',
    rate_set: true,
    cost_today_usd: 0.125,
    allowed_per_minute: 300,
    waiting: { priority: 0, backlog: 0 },
  });
  expect(await done('providers')).toMatch(/^spotify +open +1\/300/m);
  const { values } = await metrics.cost.get();
  expect(values).toContainEqual({ labels: { provider: 'spotify' }, value: 0.125 });
}, 60_000);

test('a purge takes out what a provider gave and what is cached of it, and nothing else', async () => {
  await pipeline.openWorker();
  await pipeline.send(ENTRY, strobe('merged', { strategy: 'merge' }), strobe('first'));
  await settled('merged');
  await settled('first');
  const before = await track('merged');
  expect(givers(before)).toContain('musicbrainz');

  expect((await enrich('providers', 'purge', 'spotify')).code).toBe(2);
  expect(JSON.parse(await done('providers', 'purge', 'spotify', '--dry-run', '--json'))).toMatchObject({
    rows: 2,
  });
  expect(givers(await track('merged'))).toContain('spotify');

  const purged = JSON.parse(await done('providers', 'purge', 'spotify', '--yes', '--json')) as object;
  expect(purged).toMatchObject({ rows: 2, complete: true });
  const after = await track('merged');
  expect(givers(after)).not.toContain('spotify');
  const others = Object.entries(before.enriched).filter(
    ([field]) => before.provenance[field]?.provider !== 'spotify',
  );
  expect(after.enriched).toEqual(Object.fromEntries(others));
  expect(await track('first')).toMatchObject({ enriched: {}, enrichment_status: null });
  expect(JSON.parse(await done('providers', 'purge', 'spotify', '--dry-run', '--json'))).toMatchObject({
    cached: 0,
    rows: 0,
    fields: 0,
  });

  // An older answer of another provider is the latest that the row knows of now.
  await pipeline.send(ENTRY, strobe('first'));
  await eventually(async () => {
    expect(await track('first')).toMatchObject({
      enrichment_status: 'enriched',
      enrichment_source_api: 'musicbrainz',
    });
  }, LONG);
}, 60_000);

test('a test asks the provider itself every time, and says what came back', async () => {
  for (const requests of [1, 2]) {
    expect(await done('providers', 'test', 'spotify')).toMatch(/spotify \(sandbox\): hit, 1 request/);
    expect(await pipeline.figures('spotify')).toMatchObject({ requests, violations: 0 });
  }
  const absent = await enrich('providers', 'test', 'tmdb', '--title', 'No Such Movie Was Ever Made');
  expect(absent).toMatchObject({ code: 5, stderr: '' });
  const covers = await done('providers', 'test', 'coverartarchive', '--json');
  expect(JSON.parse(covers)).toMatchObject({
    look_ups: [{ provider: 'musicbrainz' }, { provider: 'coverartarchive' }],
  });
}, 60_000);

test('an explanation shows the candidates and the decision, and writes nothing', async () => {
  const explained = JSON.parse(
    await done('explain', '--artist', 'Deadmau5', '--title', 'Strobe', '--strategy', 'merge', '--json'),
  ) as {
    readonly look_ups: readonly {
      readonly provider: string;
      readonly judged: readonly { readonly candidates: readonly { readonly vetoes: readonly string[] }[] }[];
    }[];
  };
  expect(explained).toMatchObject({ outcome: 'enriched', source: 'spotify', not_asked: [] });
  const [spotify] = explained.look_ups;
  const candidates = spotify?.judged.flatMap((judged) => judged.candidates) ?? [];
  expect(candidates[0]).toMatchObject({ chosen: true, vetoes: [] });
  expect(candidates.some(({ vetoes }) => vetoes.some((veto) => veto.startsWith('version')))).toBe(true);
  const { rows } = await pipeline.db.query(
    `select from tracks union all select from provider_state union all select from audit_log`,
  );
  expect(rows).toHaveLength(0);
  const first = await done('explain', '--artist', 'Deadmau5', '--title', 'Strobe');
  expect(first).toContain('Not asked: musicbrainz');
  expect((await enrich('explain')).code).toBe(2);
  expect((await enrich('explain', '--task-id', 'nobody')).code).toBe(5);
}, 60_000);

test('stale rows are looked up again, and no answer of before counts', async () => {
  await pipeline.openWorker();
  await pipeline.send(ENTRY, strobe('old'), strobe('other'));
  await settled('old');
  await settled('other');
  await pipeline.db.query(
    "update tracks set enrichment_timestamp = now() - interval '40 days', answered_at = now() - interval '40 days' where track_id = 'old'",
  );
  expect(JSON.parse(await done('refresh', '--older-than', '30d', '--json'))).toMatchObject({ published: 1 });
  await eventually(async () => {
    expect(await pipeline.figures('spotify')).toMatchObject({ requests: 2 });
    expect(JSON.parse(await done('refresh', '--older-than', '30d', '--dry-run', '--json'))).toMatchObject({
      found: 0,
    });
  }, LONG);
}, 60_000);
