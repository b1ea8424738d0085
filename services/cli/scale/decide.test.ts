import { type Bounds, decide, decideNow, type Sight } from './decide.ts';

const MINUTE = 60_000;
const bounds: Bounds = { min: 3, max: 10 };
const calm: Sight = { at: 0, lane: 'priority', waiting: 0, oldestSeconds: 0, wanted: 1, wantedBy: 'idle' };
const busy: Sight = { ...calm, waiting: 5_000, oldestSeconds: 60, wanted: 6, wantedBy: 'entry' };

/** One a minute. */
const minutes = (count: number, at: (minute: number) => Sight): readonly Sight[] =>
  Array.from({ length: count + 1 }, (_, minute) => ({ ...at(minute), at: minute * MINUTE }));

const always = (sight: Sight, count: number): readonly Sight[] => minutes(count, () => sight);

test('asked once, it says what is wanted now, within the bounds', () => {
  expect(decideNow(busy, bounds, 3)).toEqual({ replicas: 6, why: '6 wanted (entry)' });
  expect(decideNow(calm, bounds, 8).replicas).toBe(3);
  expect(decideNow({ ...busy, wanted: 40 }, bounds, 3)).toEqual({
    replicas: 10,
    why: '40 wanted (entry), bounded to 3-10',
  });
});

test('a thousand tasks for ten minutes are a reason for more workers, for nine they are not', () => {
  expect(decide(always(busy, 9), bounds, 3).replicas).toBe(3);
  expect(decide(always(busy, 10), bounds, 3)).toEqual({
    replicas: 6,
    why: '6 wanted (entry): over 1000 tasks have waited for 10 minutes',
  });
});

test('a task that waits for longer than five minutes is a reason at once', () => {
  expect(decide([{ ...busy, oldestSeconds: 301 }], bounds, 3).replicas).toBe(6);
  expect(decide([{ ...busy, lane: 'backlog', oldestSeconds: 301 }], bounds, 3).replicas).toBe(3);
});

test('a lane that grows for ten minutes is a reason, one that drains is none', () => {
  const few = { ...busy, waiting: 100 };
  const growing = minutes(10, (minute) => ({ ...few, waiting: 100 + minute }));
  expect(decide(growing, bounds, 3).why).toContain('more wait than 10 minutes ago');
  const draining = minutes(10, (minute) => ({ ...few, waiting: 200 - minute }));
  expect(decide(draining, bounds, 3).replicas).toBe(3);
});

test('however much waits, a limit that keeps no more workers busy gets no more', () => {
  const limited = { ...busy, wanted: 3, wantedBy: 'spotify', oldestSeconds: 9_000 };
  expect(decide(always(limited, 30), bounds, 3)).toEqual({ replicas: 3, why: '3 wanted (spotify)' });
});

test('fewer run after an hour in which fewer were enough, as many as the busiest moment of it wanted', () => {
  expect(decide(always(calm, 59), bounds, 8)).toMatchObject({ replicas: 8 });
  expect(decide(always(calm, 60), bounds, 8)).toEqual({
    replicas: 3,
    why: 'for an hour 3 would have been enough',
  });
  const once = minutes(61, (minute) => (minute === 30 ? busy : calm));
  expect(decide(once, bounds, 8).replicas).toBe(6);
});

test('nothing is done while nobody knows what waits', () => {
  const blind = { ...calm, waiting: null };
  expect(decide([blind], bounds, 8)).toEqual({ replicas: 8, why: 'nobody knows what waits' });
  expect(decideNow(blind, bounds, 8).replicas).toBe(8);
});

test('what somebody started beyond the bounds is brought back at once', () => {
  expect(decide([calm], bounds, 12).replicas).toBe(10);
  expect(decide([calm], bounds, 0).replicas).toBe(3);
});
