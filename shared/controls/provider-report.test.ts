import type { ProviderBeat } from '../redis/heartbeats.ts';
import { UNTIL_RESUMED } from '../redis/gate-slot.ts';
import { type ProviderFacts, reportOf } from './provider-report.ts';
import { quantile } from './quantile.ts';

const NOW = Date.UTC(2031, 4, 1, 6);
const TODAY = Math.floor(NOW / 86_400_000);

const beat: ProviderBeat = {
  mode: 'live',
  rate: { count: 1, windowMs: 1_000 },
  dailyBudget: 100,
  inFlight: 2,
  held: { priority: 3, backlog: 1 },
  requests: 30,
  errors: 2,
  cacheHits: 6,
  cacheMisses: 2,
  latency: [
    [0.1, 10],
    [0.5, 20],
  ],
};
const gate = { pausedUntil: 0, reason: '', factor: 1, day: TODAY, used: 40 };

const facts = (more: Partial<ProviderFacts> = {}): ProviderFacts => ({
  name: 'spotify',
  configured: {
    mode: 'sandbox',
    missing: [],
    rate: { count: 30, windowMs: 30_000 },
    dailyBudget: 0,
    costPerRequestUsd: 0.5,
  },
  gate,
  beats: [beat, beat],
  ready: { priority: 50, backlog: 2 },
  now: NOW,
  ...more,
});

test('an open provider adds up what its workers say, and knows when what waits is done', () => {
  expect(reportOf(facts())).toMatchObject({
    state: 'open',
    mode: 'live',
    workers: 2,
    requests: 60,
    allowed: 60,
    errors: 4,
    inFlight: 4,
    waiting: { priority: 56, backlog: 4 },
    etaSeconds: 60,
    requestsToday: 40,
    dailyBudget: 100,
    hitRatio: 0.75,
  });
});

test('a slowed-down provider needs longer, and one with another rate is measured by that', () => {
  expect(reportOf(facts({ gate: { ...gate, factor: 0.5 } })).etaSeconds).toBe(120);
  const orders = { heldUntil: 0, heldReason: '', rate: '10/s' };
  expect(reportOf(facts({ gate: { ...gate, orders } }))).toMatchObject({
    etaSeconds: 6,
    allowed: 600,
    isRateSet: true,
  });
});

test('look-ups that took several requests each will do so again', () => {
  const busy = { ...beat, requests: 30, cacheMisses: 12 };
  expect(reportOf(facts({ beats: [busy, busy] })).etaSeconds).toBe(150);
});

test('held by hand counts before all else; without an end nobody knows when it is done', () => {
  const orders = { heldUntil: UNTIL_RESUMED, heldReason: 'an audit', rate: '' };
  const held = reportOf(
    facts({ gate: { ...gate, orders, pausedUntil: NOW + 5_000, reason: 'circuit open' } }),
  );
  expect(held).toMatchObject({ state: 'paused', why: 'an audit' });
  expect(held.leftSeconds).toBeUndefined();
  expect(held.etaSeconds).toBeUndefined();
  const forAWhile = { ...orders, heldUntil: NOW + 30_000 };
  expect(reportOf(facts({ gate: { ...gate, orders: forAWhile } }))).toMatchObject({
    leftSeconds: 30,
    etaSeconds: 90,
  });
});

test('a spent budget says so until the next day, and yesterday’s requests are not counted', () => {
  expect(reportOf(facts({ gate: { ...gate, used: 100 } }))).toMatchObject({
    state: 'budget_spent',
    leftSeconds: 18 * 3_600,
  });
  expect(reportOf(facts({ gate: { ...gate, used: 100, day: TODAY - 1 } }))).toMatchObject({
    state: 'open',
    requestsToday: 0,
  });
});

test('the requests of the day cost what the workers pay, or what is configured where none says a price', () => {
  expect(reportOf(facts()).costTodayUsd).toBe(20);
  expect(reportOf(facts({ beats: [{ ...beat, costPerRequestUsd: 0.1 }] })).costTodayUsd).toBeCloseTo(4);
});

test.each([
  ['circuit open', 'circuit_open'],
  ['credentials refused', 'no_credentials'],
  ['rate_limited', 'slowed_down'],
])('closed by "%s" it is %s, with the time that is left', (reason, state) => {
  const closed = { ...gate, pausedUntil: NOW + 7_000, reason };
  expect(reportOf(facts({ gate: closed }))).toMatchObject({ state, why: reason, leftSeconds: 7 });
});

test('without workers the environment of the question counts', () => {
  expect(reportOf(facts({ beats: [] }))).toMatchObject({ state: 'no_worker', mode: 'sandbox', allowed: 60 });
  const off = { ...facts().configured, mode: 'off' as const, missing: ['SPOTIFY_CLIENT_ID'] };
  expect(reportOf(facts({ beats: [], configured: off }))).toMatchObject({
    state: 'no_credentials',
    why: 'SPOTIFY_CLIENT_ID missing',
  });
});

test('a broker that says nothing leaves what waits unknown', () => {
  const report = reportOf(facts({ ready: { priority: undefined, backlog: undefined } }));
  expect(report.waiting.priority).toBeUndefined();
  expect(report.etaSeconds).toBeUndefined();
});

test('a quantile lies within its bucket, over the histograms of all processes', () => {
  const [a, b] = [
    [
      [0.1, 10],
      [0.5, 20],
    ],
    [
      [0.1, 0],
      [0.5, 20],
    ],
  ] as const;
  expect(quantile([a, b], 0.25)).toBeCloseTo(0.1);
  expect(quantile([a, b], 0.5)).toBeCloseTo(0.1 + 0.4 / 3);
  expect(quantile([a, b], 1)).toBe(0.5);
  expect(quantile([[[0.1, 0]]], 0.5)).toBeUndefined();
  expect(quantile([], 0.5)).toBeUndefined();
});
