import { join } from 'node:path';
import { readCatalogue } from './catalogue.ts';
import { evaluateTracks } from './evaluate-tracks.ts';
import { total } from './tally.ts';
import { DEGRADATIONS } from './track-questions.ts';

const counted = Object.keys(DEGRADATIONS);
const catalogue = readCatalogue(join(import.meta.dirname, 'synthetic.json'));

test.each([1, 2, 3])('degraded records find their track or nothing, with seed %i', (seed) => {
  const { present } = evaluateTracks(catalogue, seed);
  const all = total(present, counted);
  expect(present.wrong).toEqual([]);
  expect(all.asked).toBeGreaterThan(250);
  expect(all.right / all.asked).toBeGreaterThanOrEqual(0.97);
});

test.each([1, 2, 3])('a song that is not there is hardly ever taken for another, with seed %i', (seed) => {
  const { absent } = evaluateTracks(catalogue, seed);
  const all = total(absent, counted);
  expect(all.wrong / all.asked).toBeLessThanOrEqual(0.015);
});

test('every degradation is asked of somebody', () => {
  const { present } = evaluateTracks(catalogue, 1);
  expect(Object.keys(present.byDegradation)).toEqual(expect.arrayContaining(counted));
});

test('the same seed gives the same report', () => {
  expect(evaluateTracks(catalogue, 5)).toEqual(evaluateTracks(catalogue, 5));
});
