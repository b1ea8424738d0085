/** The checker itself: a healthy run passes, and each way to be unhealthy is found by the claim that is about it. */
import { checkInvariants, type Ledgers, repeatedRequests } from './invariants.ts';
import type { Letter } from './queues.ts';
import type { LoggedRequest } from './sandbox-control.ts';

const request = (url: string, more: Partial<LoggedRequest> = {}): LoggedRequest => ({
  provider: 'spotify',
  url,
  status: 200,
  at: 0,
  ...more,
});

const letter = (messageId: string, more: Partial<Letter> = {}): Letter => ({
  queue: 'metadata_enrichment_dlq',
  messageId,
  body: `{"task_id":"${messageId}"}`,
  headers: { 'x-reason': 'providers_failed', 'x-error': 'gone', 'x-origin-queue': 'q' },
  ...more,
});

const row = (id: string, status = 'enriched', missing: string[] = []) => ({ id, status, missing });
const figures = { requests: 1, token_requests: 0, violations: 0, before_retry_after: 0 };

const noJobs = { tasks: 0, secondEnds: [], miscounted: [], notEndedOnce: [] };

const healthy: Ledgers = {
  published: new Set(['a', 'b']),
  confirmed: new Set(['a', 'b']),
  refused: [],
  rows: [row('a'), row('b', 'not_found')],
  letters: [],
  jobs: noJobs,
  expectedLetters: new Map(),
  waiting: new Map(),
  requests: [request('/search?q=a'), request('/search?q=b')],
  figures: new Map([['spotify', figures]]),
  redelivered: new Map(),
  withoutRedis: 0,
  unclean: [],
  logs: { errors: [], leaks: [] },
};

const broken = (ledgers: Ledgers, allows = {}): string[] =>
  checkInvariants(ledgers, allows)
    .filter(({ held }) => !held)
    .map(({ name }) => name);

test('a run in which nothing went wrong holds', () => {
  expect(broken(healthy)).toEqual([]);
});

const unhealthy: [string, Partial<Ledgers>][] = [
  ['nothing confirmed is lost', { rows: [row('a')] }],
  ['nothing waits any more', { waiting: new Map([['metadata_enrichment_queue', 1]]) }],
  ['no row without a task', { rows: [row('a'), row('b'), row('stranger')] }],
  ['everything published is confirmed', { refused: ['b: the broker was away'] }],
  ['one row for each entity', { rows: [row('a'), row('b'), row('b')] }],
  ['no request above a limit', { figures: new Map([['tmdb', { ...figures, violations: 1 }]]) }],
  [
    'no request before a Retry-After is over',
    { figures: new Map([['tmdb', { ...figures, before_retry_after: 1 }]]) },
  ],
  [
    'nothing is looked up again but what was redelivered',
    {
      requests: [request('/search?q=a'), request('/search?q=a')],
      redelivered: new Map([['metadata_enrichment_queue', 5]]),
    },
  ],
  ['no provider is given up on', { rows: [row('a', 'enriched', ['spotify']), row('b')] }],
  ['no task of a job has two terminal states', { jobs: { ...noJobs, secondEnds: ['x dead → cancelled'] } }],
  ['counters of jobs equal a recount', { jobs: { ...noJobs, miscounted: ['movies fed 1, are 0'] } }],
  [
    'every job ends, and says so once',
    { jobs: { ...noJobs, notEndedOnce: ['movies running, told 0 times'] } },
  ],
  ['workers that were not killed leave with exit code 0', { unclean: ['worker-1: exit code 1'] }],
];

test.each(unhealthy)('finds it when this does not hold: %s', (name, change) => {
  expect(broken({ ...healthy, ...change })).toEqual([name]);
});

test('a task that is dead and something else has two ends, and should not have died', () => {
  expect(broken({ ...healthy, letters: [letter('a')] })).toEqual([
    'no task has two ends',
    'no task dies of it',
  ]);
});

test('a dead row without a dead letter is found, also where providers fail', () => {
  const ledgers = { ...healthy, rows: [row('a'), row('b', 'dead')] };
  expect(broken(ledgers, { providerFailures: true })).toEqual(['every dead task is in a dead-letter queue']);
});

test('a dead letter counts as an end, and must say why', () => {
  const dead = { ...healthy, rows: [row('a'), row('b', 'dead')] };
  expect(broken({ ...dead, letters: [letter('b')] }, { providerFailures: true })).toEqual([]);
  const silent = letter('b', { headers: { 'x-reason': 'providers_failed' } });
  expect(broken({ ...dead, letters: [silent] }, { providerFailures: true })).toEqual([
    'every dead letter says why',
  ]);
});

test('bad messages are expected with their reason, and are no tasks that died', () => {
  const expectedLetters = new Map([['bad-1', 'not_json']]);
  const found = letter('x', {
    body: 'bad-1 is no JSON',
    headers: { ...letter('x').headers, 'x-reason': 'not_json' },
  });
  expect(broken({ ...healthy, expectedLetters, letters: [found] })).toEqual([]);
  expect(broken({ ...healthy, expectedLetters })).toEqual([
    'each bad message is a dead letter with its reason',
  ]);
});

test('a question may be asked again when its task was redelivered to a provider, or Redis failed', () => {
  const requests = [request('/search?q=a'), request('/search?q=a')];
  expect(broken({ ...healthy, requests, redelivered: new Map([['enrichment_spotify_queue', 1]]) })).toEqual(
    [],
  );
  expect(broken({ ...healthy, requests, withoutRedis: 1 })).toEqual([]);
  expect(broken({ ...healthy, requests }, { cacheLoss: true })).toEqual([]);
});

test('requests that the provider spoiled, and those for tokens, are no questions asked again', () => {
  const spoiled = [request('/a', { status: 500 }), request('/b', { fault: 'truncated' })];
  const tokens = [request('/spotify-accounts/api/token'), request('/spotify-accounts/api/token')];
  expect(repeatedRequests([...spoiled, request('/a'), request('/b'), ...tokens])).toEqual([]);
});
