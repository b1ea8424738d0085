import { pipelines } from '../pipelines/registry.ts';
import type { Beat } from '../redis/heartbeats.ts';
import { UNTIL_RESUMED } from '../redis/gate-slot.ts';
import { waitingPlaces } from './backlog.ts';
import { nextSteps } from './next-steps.ts';
import { type StatusFacts, statusOf, type SystemStatus } from './system-status.ts';
import type { ProviderReport } from './provider-report.ts';

const NOW = 1_000_000;
const QUEUE = 'enrichment_spotify_queue';

const spotify: ProviderReport = {
  name: 'spotify',
  mode: 'live',
  state: 'open',
  why: '',
  workers: 1,
  rate: { count: 10, windowMs: 1_000 },
  isRateSet: false,
  factor: 1,
  requests: 600,
  allowed: 600,
  errors: 0,
  inFlight: 3,
  waiting: { priority: 130, backlog: 0 },
  requestsToday: 0,
  costTodayUsd: 0,
  dailyBudget: 0,
};

const worker: Beat = {
  process: 'enrichment-worker@a#1',
  at: NOW - 2_000,
  providers: {
    spotify: {
      mode: 'live',
      rate: spotify.rate,
      dailyBudget: 0,
      costPerRequestUsd: 0,
      inFlight: 3,
      inFlightLimit: 2,
      held: { priority: 10, backlog: 0 },
      requests: 600,
      requestSeconds: 360,
      errors: 0,
      cacheHits: 0,
      cacheMisses: 600,
      latency: [],
    },
  },
  queues: {
    [QUEUE]: { held: 10, oldestAt: NOW - 30_000, settled: 600 },
    metadata_enrichment_queue: { held: 0, settled: 660 },
    movie_enrichment_queue: { held: 0, settled: 0 },
  },
  worker: {
    version: '1.0.0',
    lanes: ['priority'],
    finished: { priority: 600, backlog: 0 },
    bestPerSecond: 21,
  },
};

const status = (more: Partial<StatusFacts> = {}): SystemStatus =>
  statusOf({
    places: waitingPlaces(pipelines, ['spotify']),
    ready: new Map([[QUEUE, 120]]),
    beats: [worker],
    providers: [spotify],
    pauses: [],
    deadLetters: [],
    now: NOW,
    ...more,
  });
const steps = (more: Partial<StatusFacts>): readonly string[] =>
  nextSteps(status(more)).map(({ what, next }) => `${what} -> ${next}`);

test('a lane is the sum of its stages, at the rate at which tasks are finished', () => {
  const [priority] = status().lanes;
  expect(priority).toMatchObject({
    lane: 'priority',
    waiting: 130,
    perSecond: 10,
    etaSeconds: 13,
    oldestSeconds: 30,
    workers: 1,
    // Ten requests a second of 0.6 s each are six under way, and a worker has two at most.
    wanted: { workers: 3, by: 'spotify' },
  });
  expect(priority?.stages.find(({ stage }) => stage === 'spotify')).toMatchObject({
    waiting: 130,
    perSecond: 10,
    workers: 1,
  });
});

test('a lane that nobody serves has no end and no age, and says so', () => {
  const [, backlog] = status({ ready: new Map([['metadata_enrichment_backlog', 7]]) }).lanes;
  expect(backlog).toMatchObject({ waiting: 7, workers: 0, etaSeconds: undefined, oldestSeconds: undefined });
  expect(steps({ ready: new Map([['metadata_enrichment_backlog', 7]]) })).toContain(
    '7 tasks wait in the backlog lane and no worker serves it -> start a worker',
  );
});

test('a worker tells what it holds, has under way and does', () => {
  expect(status().workers).toEqual([
    {
      process: 'enrichment-worker@a#1',
      version: '1.0.0',
      lanes: ['priority'],
      held: 10,
      inFlight: 3,
      perSecond: 21,
      bestPerSecond: 21,
      silentSeconds: 2,
    },
  ]);
});

test('without the broker what waits is unknown, not nothing', () => {
  expect(status({ ready: undefined }).lanes[0]?.waiting).toBeUndefined();
  expect(steps({ ready: undefined })).toEqual([
    'RabbitMQ does not answer: nobody knows what waits -> enrich doctor',
  ]);
});

test('a system that does well needs no next step', () => {
  const calm = { ...spotify, waiting: { priority: 0, backlog: 0 } };
  expect(steps({ ready: new Map(), beats: [{ ...worker, queues: {} }], providers: [calm] })).toEqual([]);
});

test('more workers are asked for where they help, and not where a limit is the reason', () => {
  expect(steps({})).toEqual([
    'the priority lane has use for 3 workers (spotify) and has 1 -> enrich scale --compose --dry-run',
  ]);
  const few = { ...worker, process: 'b' };
  const enough = { beats: [worker, few, { ...worker, process: 'c' }], ready: new Map([[QUEUE, 5_000]]) };
  expect(steps(enough)).toEqual([
    'the priority lane is behind, and more workers would not help -> enrich providers',
  ]);
});

test('each other trouble is told with its command', () => {
  const since = { actor: 'ann', since: 0, until: UNTIL_RESUMED } as const;
  const told = steps({
    pauses: [{ ...since, target: 'backlog', reason: 'a migration' }],
    providers: [{ ...spotify, state: 'circuit_open', why: 'circuit open' }],
    ready: new Map([['enrichment_quarantine', 2]]),
    deadLetters: [
      { group: '3fa9c0ffee11', pipeline: 'tracks', cause: 'spotify: unavailable', count: 40 },
      { group: '77', pipeline: 'movies', cause: 'invalid', count: 2 },
    ],
    beats: [worker, { process: 'old', at: NOW, providers: {}, queues: {} }],
  });
  const expected = [
    'enrich resume backlog',
    'spotify is closed (circuit open: circuit open) and 130 tasks wait for it -> enrich providers test spotify',
    '2 tasks are in the quarantine',
    '42 dead letters, most of them tracks, spotify: unavailable -> enrich dlq list --group 3fa9c0ff',
    'workers of several releases run: 1.0.0, an older one',
  ];
  for (const one of expected) expect(told.join('\n')).toContain(one);
});
