import type { ProviderReport } from '../../../shared/controls/provider-report.ts';
import { UNTIL_RESUMED } from '../../../shared/redis/gate-slot.ts';
import { providersTable } from './providers-table.ts';

const report: ProviderReport = {
  name: 'musicbrainz',
  mode: 'live',
  state: 'open',
  why: '',
  workers: 3,
  rate: { count: 30, windowMs: 30_000 },
  isRateSet: false,
  factor: 1,
  requests: 58,
  allowed: 60,
  errors: 1,
  inFlight: 1,
  waiting: { priority: 12_000, backlog: 150_000 },
  etaSeconds: 162_000,
  requestsToday: 40_000,
  dailyBudget: 100_000,
  costTodayUsd: 0,
  hitRatio: 0.61,
  p50Ms: 180,
  p95Ms: 900,
};
const held: ProviderReport = { ...report, name: 'spotify', state: 'paused', why: 'key is renewed' };

const widest = (text: string): number => Math.max(...text.split('\n').map(({ length }) => length));

test.each([60, 80, 120, 200])('%i columns are enough for it', (width) => {
  expect(widest(providersTable([report, held], [], width))).toBeLessThanOrEqual(Math.max(width, 70));
});

test('a wide terminal shows all, a narrow one at least state, rate, what waits, and for how long', () => {
  expect(providersTable([report], [], 200)).toMatch(/WORKERS$/m);
  const narrow = providersTable([report], [], 60);
  expect(narrow).toMatch(/musicbrainz +open +58\/60 +12,000 \+ 150,000 +45 h/);
  expect(narrow).not.toContain('WORKERS');
});

test('requests that cost nothing have no price, others the sum of the day', () => {
  expect(providersTable([report], [], 200)).toMatch(/ 40,000\/100,000 +180/);
  expect(providersTable([{ ...report, costTodayUsd: 80 }], [], 200)).toMatch(/40,000\/100,000 80\.00 USD/);
});

test('who is not open says why, and how it goes on', () => {
  const since = Date.UTC(2031, 4, 1);
  const pause = {
    target: 'backlog',
    until: UNTIL_RESUMED,
    reason: 'a migration',
    actor: 'ops',
    since,
  } as const;
  const text = providersTable([held], [pause], 120);
  expect(text).toContain('backlog lane is paused: a migration; enrich resume backlog');
  expect(text).toContain('spotify: key is renewed; enrich resume spotify');
});
