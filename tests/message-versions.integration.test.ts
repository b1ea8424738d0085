/** Two releases on the same queues: each reads what it and the one before it write, and begins anew with what is later. */
import { MESSAGE_VERSION } from '../shared/task/message.ts';
import { eventually } from './harness.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';

const ENTRY = 'metadata_enrichment_queue';
const LONG = { timeoutMs: 20_000 };
const NEXT_VERSION = MESSAGE_VERSION + 1;

let pipeline: TestPipeline;

beforeEach(async () => {
  pipeline = await openTestPipeline();
});

afterEach(async () => {
  await pipeline.close();
});

const unknownSong = (id: string, number: number, more: object = {}) => ({
  track_id: id,
  artist: 'The Nobodies',
  title: `Song Without Listeners ${number}`,
  ...more,
});

const settled = (count: number): Promise<{ enrichment_status: string; missing: string[] }[]> =>
  eventually(async () => {
    const { rows } = await pipeline.db.query<{ enrichment_status: string; missing: string[] }>(
      'select enrichment_status, missing from tracks',
    );
    expect(rows).toHaveLength(count);
    return rows;
  }, LONG);

const requestsOf = async (): Promise<string[]> => {
  const log = (await pipeline.control('GET', '/log?limit=5000')) as { url: string; method: string }[];
  return log.filter(({ method }) => method === 'GET').map(({ url }) => url);
};

test("a worker of this release and one of the next finish each other's tasks: each once, nothing is asked twice", async () => {
  await Promise.all([pipeline.openWorker(), pipeline.openWorker({}, NEXT_VERSION)]);
  const tasks = Array.from({ length: 60 }, (_, at) => unknownSong(`t${at}`, at));
  await pipeline.send(ENTRY, ...tasks);
  const rows = await settled(60);
  expect(rows.every(({ enrichment_status: status }) => status === 'not_found')).toBe(true);
  const urls = await requestsOf();
  expect(new Set(urls).size).toBe(urls.length);
});

test.each([
  ['this release', MESSAGE_VERSION],
  ['the release before it', MESSAGE_VERSION - 1],
])('a worker goes on with a task that %s has begun', async (_, v) => {
  await pipeline.openWorker();
  const failed = { spotify: 'gone', musicbrainz: 'gone' };
  await pipeline.send('enrichment_lastfm_queue', {
    ...unknownSong('t1', 1),
    v,
    pipeline: 'tracks',
    state: { failed },
  });
  const [row] = await settled(1);
  expect(row?.missing).toEqual(expect.arrayContaining(['spotify', 'musicbrainz']));
});

test('a task of an unknown version begins again at its entry stage, with its attempts', async () => {
  await pipeline.control('POST', '/faults', { provider: 'spotify', kind: 'status', status: 500 });
  await pipeline.openWorker({ SPOTIFY_ATTEMPTS: '4' });
  const state = { attempts: { spotify: 3 }, answers: 'in a form that nobody knows yet' };
  await pipeline.send('enrichment_lastfm_queue', {
    ...unknownSong('t1', 1),
    v: MESSAGE_VERSION + 5,
    pipeline: 'tracks',
    state,
  });
  const [row] = await settled(1);
  expect(row?.missing).toEqual(['spotify']);
  expect((await pipeline.figures('spotify')).requests).toBe(1);
});
