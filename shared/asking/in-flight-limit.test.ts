import { InFlightLimit } from './in-flight-limit.ts';

const SPACING_MS = 100;

const observed = (limit: InFlightLimit, tookMs: number, answers: number): number => {
  for (let at = 0; at < answers; at++) limit.observe(tookMs, SPACING_MS);
  return limit.current;
};

test('it follows the latency in both directions while work is under way', () => {
  const limit = new InFlightLimit(50, SPACING_MS);
  expect(observed(limit, 500, 60)).toBe(11);
  expect(observed(limit, 2_000, 60)).toBeGreaterThan(35);
  expect(observed(limit, 50, 100)).toBeLessThan(5);
});

test('it never leaves its bounds', () => {
  const limit = new InFlightLimit(8, SPACING_MS);
  expect(limit.current).toBeLessThanOrEqual(8);
  expect(observed(limit, 60_000, 50)).toBe(8);
  expect(observed(limit, 0, 200)).toBe(2);
  expect(new InFlightLimit(1, SPACING_MS).current).toBe(1);
  expect(observed(new InFlightLimit(1, SPACING_MS), 5_000, 10)).toBe(1);
});

test('one slow answer among fast ones hardly moves it', () => {
  const limit = new InFlightLimit(50, SPACING_MS);
  observed(limit, 100, 30);
  expect(observed(limit, 2_000, 1)).toBeLessThanOrEqual(8);
});

test('before the first answer it is what a fifth of a second would need', () => {
  expect(new InFlightLimit(50, 40).current).toBe(11);
  expect(new InFlightLimit(8, 40).current).toBe(8);
  expect(new InFlightLimit(50, 1_000).current).toBe(2);
});
