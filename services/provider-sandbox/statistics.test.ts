import { Statistics } from './statistics.ts';

test('the worst window is the one with most arrivals, wherever it begins', () => {
  const statistics = new Statistics();
  for (const at of [0, 700, 800, 900, 1_500, 1_600, 1_650]) statistics.arrived(at, 1_000, 1);
  expect(statistics.figures(1_700, 0)).toMatchObject({ requests: 7, worst_window: 6, min_spacing_ms: 50 });
});

test('the worst window is right after more arrivals than are kept', () => {
  const statistics = new Statistics();
  for (let at = 0; at < 50_000; at += 1) statistics.arrived(at * 10, 1_000, 1);
  expect(statistics.figures(499_990, 0)).toMatchObject({ worst_window: 100, rate_per_s: 100 });
});

test('a request within an announced Retry-After counts as early, one that was under way does not', () => {
  const statistics = new Statistics();
  statistics.arrived(0, 1_000, 1);
  statistics.answered(429, 2, 10);
  statistics.arrived(50, 1_000, 1);
  statistics.arrived(1_000, 1_000, 1);
  statistics.arrived(2_100, 1_000, 1);
  expect(statistics.figures(2_200, 0)).toMatchObject({ before_retry_after: 1, rejected: 1 });
});
