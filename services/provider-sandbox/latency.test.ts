import { Latency } from './latency.ts';

const draws = (latency: Latency, count = 4_000): number[] =>
  Array.from({ length: count }, () => latency.drawMs('tmdb')).sort((a, b) => a - b);

test('the same seed draws the same latencies, another seed others', () => {
  expect(draws(new Latency(7, 1))).toEqual(draws(new Latency(7, 1)));
  expect(draws(new Latency(8, 1))).not.toEqual(draws(new Latency(7, 1)));
});

test('what one service is asked does not move the latencies of another', () => {
  const disturbed = new Latency(7, 1);
  disturbed.drawMs('spotify');
  expect(disturbed.drawMs('tmdb')).toBe(new Latency(7, 1).drawMs('tmdb'));
});

test('median and tail are those of the service, times the factor', () => {
  const sorted = draws(new Latency(1, 0.1));
  expect(sorted[2_000]).toBeGreaterThan(4);
  expect(sorted[2_000]).toBeLessThan(6);
  expect(sorted[3_800]).toBeGreaterThan(12);
  expect(sorted.at(-1)).toBeLessThanOrEqual(40);
});
