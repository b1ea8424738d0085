import { duration, progressText } from './progress-line.ts';

test('with a known end there is a bar and the time that is left', () => {
  const text = progressText({ count: 1_500, fraction: 0.25 }, 3, 'rows');
  expect(text).toBe('[██████──────────────────]  25 %  1,500 rows  500/s  9 s left');
});

test('without a known end there are the figures, and a remark says why nothing moves', () => {
  expect(progressText({ count: 10, remark: 'waiting' }, 2, 'rows')).toBe('10 rows  5/s  waiting');
});

test.each([
  [0.2, '1 s'],
  [89, '89 s'],
  [125, '2 min'],
  [7_200, '2 h'],
  [7_500, '2 h 5 min'],
  [400_000, '5 days'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
