import { FillRate } from './fill-rate.ts';

test('the share of a field is that of the enriched ones, and what is empty does not count', () => {
  const fill = new FillRate();
  fill.count('enriched', { title: 'a', genres: ['x'], album: '' });
  fill.count('enriched', { title: 'b', genres: [], album: null });
  fill.count('not_found', { title: 'older' });
  expect(fill.rates).toEqual({ title: 1, genres: 0.5 });
  expect(fill.statuses).toEqual({ enriched: 2, not_found: 1 });
});

test('nothing enriched has no rates', () => {
  const fill = new FillRate();
  fill.count('dead', {});
  expect(fill.rates).toEqual({});
});
