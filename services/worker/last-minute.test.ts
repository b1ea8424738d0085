import { LastMinute } from './last-minute.ts';

test('the first totals count from themselves, later ones from a minute ago', () => {
  const minute = new LastMinute<number>();
  expect(minute.before(10, 0)).toBe(10);
  expect(minute.before(15, 30_000)).toBe(10);
  expect(minute.before(30, 60_000)).toBe(10);
  expect(minute.before(40, 91_000)).toBe(15);
});
