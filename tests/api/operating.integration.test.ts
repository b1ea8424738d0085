/** Providers, lanes, queues, dead letters and entities over HTTP, on the real servers. */
import { eventually } from '../harness.ts';
import { openTestPipeline, type TestPipeline } from '../pipeline.ts';
import { openTestApi, OWNER, STRANGER, type TestApi } from './test-api.ts';

let pipeline: TestPipeline;
let api: TestApi;

beforeAll(async () => {
  pipeline = await openTestPipeline();
  api = await openTestApi(pipeline);
});

afterAll(async () => {
  await api.close();
  await pipeline.close();
});

afterEach(() => {
  expect(api.undocumented).toEqual([]);
});

const track = (id: string, more: object = {}) => ({
  track_id: id,
  artist: 'Deadmau5',
  title: 'Strobe',
  owner: OWNER,
  ...more,
});

test('a provider is paused, given another rate and resumed, and every answer says what holds now', async () => {
  const paused = await api.json('/v1/providers/spotify/pause', {
    as: 'admin',
    body: { for_s: 60, reason: 'audit' },
  });
  expect(paused).toMatchObject({ provider: 'spotify', is_held: true, rate: null });
  const rated = await api.json('/v1/providers/spotify/rate', {
    as: 'admin',
    method: 'PUT',
    body: { rate: '3/s' },
  });
  expect(rated).toMatchObject({ is_held: true, rate: '3/s' });
  const { providers } = await api.json<{ providers: { provider: string; state: string; why: string }[] }>(
    '/v1/providers',
    { as: 'viewer' },
  );
  expect(providers.find(({ provider }) => provider === 'spotify')).toMatchObject({
    state: 'paused',
    why: 'audit',
  });
  const resumed = await api.json('/v1/providers/spotify/resume', { as: 'admin', method: 'POST' });
  expect(resumed).toMatchObject({ is_held: false, held_until: null });
  await api.json('/v1/providers/spotify/rate', { as: 'admin', method: 'PUT', body: { rate: null } });
});

test('a lane is paused and resumed', async () => {
  expect(await api.json('/v1/lanes/backlog/pause', { as: 'admin', method: 'POST' })).toMatchObject({
    is_paused: true,
    until: null,
  });
  expect(await api.json('/v1/providers', { as: 'viewer' })).toMatchObject({
    paused: [{ target: 'backlog' }],
  });
  expect(await api.json('/v1/lanes/backlog/resume', { as: 'admin', method: 'POST' })).toMatchObject({
    is_paused: false,
  });
});

test('what waits is counted by queue', async () => {
  await pipeline.send('movie_enrichment_backlog', { movie_id: 'm1', title: 'Up' });
  const { queues } = await api.json<{ queues: { queue: string; messages: number }[] }>('/v1/queues');
  expect(queues.find(({ queue }) => queue === 'movie_enrichment_backlog')).toMatchObject({
    stage: 'entry',
    pipeline: 'movies',
    lane: 'backlog',
    messages: 1,
    consumers: 0,
  });
  await pipeline.take('movie_enrichment_backlog');
});

test('an entity is shown to its owner with the origin of each field, and to nobody else', async () => {
  const worker = await pipeline.openWorker();
  await pipeline.send('metadata_enrichment_queue', track('e1'));
  const found = await eventually(() => api.json('/v1/entities/tracks/e1'), { timeoutMs: 20_000 });
  expect(found).toMatchObject({
    id: 'e1',
    owner: OWNER,
    status: 'enriched',
    submitted: { artist: 'Deadmau5' },
  });
  expect(found['provenance']).toHaveProperty('title.provider');
  await api.json('/v1/entities/tracks/e1', { as: 'stranger', status: 404 });
  await api.json(`/v1/entities/tracks/e1?owner=${OWNER}`, { as: 'stranger', status: 404 });
  expect(await api.json(`/v1/entities/tracks/e1?owner=${OWNER}`, { as: 'admin' })).toEqual(found);
  await worker.stop();
});

interface Replay {
  readonly id: string;
  readonly status: string;
  readonly progress: Record<string, unknown>;
}

test('dead letters are listed and replayed by their owner, as a job of its own that is watched to its end', async () => {
  const worker = await pipeline.openWorker();
  await pipeline.send(
    'metadata_enrichment_queue',
    ...[1, 2, 3].map((n) => track(`d${n}`, { duration_ms: 'long' })),
  );
  await pipeline.send(
    'metadata_enrichment_queue',
    track('foreign', { owner: STRANGER, duration_ms: 'long' }),
  );
  const groups = await eventually(async () => {
    const found = await api.json<{ letters: number; groups: { group: string }[] }>('/v1/dead-letters/groups');
    expect(found.letters).toBe(3);
    return found.groups;
  });
  const page = await api.json<{ data: { id: string }[]; next_cursor: string }>('/v1/dead-letters?limit=2');
  expect(page.data).toHaveLength(2);
  const rest = await api.json<{ data: { id: string }[]; next_cursor: null }>(
    `/v1/dead-letters?limit=2&cursor=${page.next_cursor}`,
  );
  expect(rest).toMatchObject({ next_cursor: null });
  expect(new Set([...page.data, ...rest.data].map(({ id }) => id)).size).toBe(3);
  const { id } = rest.data[0]!;
  await api.json(`/v1/dead-letters/${id}`);
  await api.json(`/v1/dead-letters/${id}`, { as: 'stranger', status: 404 });

  const group = groups[0]!.group;
  expect(await api.json('/v1/dead-letters/replays', { body: { group, dry_run: true } })).toMatchObject({
    matching: 3,
    would_replay: 3,
  });
  const begun = await api.json<Replay>('/v1/dead-letters/replays', { body: { group }, status: 202 });
  const path = `/v1/dead-letters/replays/${begun.id}`;
  const ended = await eventually(
    async () => {
      const now = await api.json<Replay>(path, { as: 'viewer' });
      expect(now).not.toMatchObject({ status: 'running' });
      return now;
    },
    { timeoutMs: 30_000 },
  );
  // Their fault is still in them: they come back.
  expect(ended).toMatchObject({
    status: 'completed',
    progress: { matching: 3, replayed: 3, back: 3, back_with_same_error: 3 },
  });
  await api.json(path, { as: 'stranger', status: 404 });
  expect(await api.json('/v1/dead-letters', { as: 'stranger' })).toMatchObject({
    data: [{ entity_id: 'foreign', replays: 0 }],
  });
  await worker.stop();
}, 90_000);
