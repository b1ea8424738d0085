import { join } from 'node:path';
import { readCatalogue } from './catalogue.ts';
import { evaluateTracks } from './evaluate-tracks.ts';
import { total } from './tally.ts';
import { DEGRADATIONS } from './track-questions.ts';

const counted = Object.keys(DEGRADATIONS);
const catalogue = readCatalogue(join(import.meta.dirname, 'synthetic.json'));

const evaluations = [1, 2, 3].map((seed) => ({ seed, ...evaluateTracks(catalogue, seed) }));

test.each(evaluations)('degraded records find their track or nothing, with seed $seed', ({ present }) => {
  const all = total(present, counted);
  expect(present.wrong).toEqual([]);
  expect(all.asked).toBeGreaterThan(250);
  expect(all.right / all.asked).toBeGreaterThanOrEqual(0.97);
});

test.each(evaluations)(
  'a song that is not there is hardly ever taken for another, with seed $seed',
  ({ absent }) => {
    const all = total(absent, counted);
    expect(all.wrong / all.asked).toBeLessThanOrEqual(0.015);
  },
);

test.each(evaluations)('every degradation is asked of somebody, with seed $seed', ({ present }) => {
  expect(Object.keys(present.byDegradation)).toEqual(expect.arrayContaining(counted));
});

test('the same seed gives the same report', () => {
  const { present } = evaluateTracks(catalogue, 1);
  expect(present).toEqual(evaluations[0]?.present);
});
