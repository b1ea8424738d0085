import { LocalTurns } from './local-turns.ts';

const SPACING_MS = 100;

/** Every process asks whenever it is told to; the times of all starts within the time. */
function starts(workers: number, forMs: number): { seat: number; at: number }[] {
  const found: { seat: number; at: number }[] = [];
  for (let seat = 0; seat < workers; seat++) {
    const turns = new LocalTurns({ workers, seat, spacingMs: SPACING_MS, clockAheadMs: 0 });
    for (let at = 7; at < forMs;) {
      const waitMs = turns.take(at);
      if (waitMs === 0) found.push({ seat, at });
      at += Math.max(waitMs, 1);
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

test('processes that know of each other start one spacing apart, and use the whole rate', () => {
  const found = starts(3, 3_000);
  const gaps = found.slice(1).map(({ at }, index) => at - (found[index]?.at ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(SPACING_MS * 0.8);
  expect(found.length).toBeGreaterThanOrEqual(29);
  expect(new Set(found.slice(0, 3).map(({ seat }) => seat)).size).toBe(3);
});

test('a turn is used once', () => {
  const turns = new LocalTurns({ workers: 1, seat: 0, spacingMs: SPACING_MS, clockAheadMs: 0 });
  expect(turns.take(1_000)).toBe(0);
  expect(turns.take(1_001)).toBe(99);
});

test('who comes late for his turn waits for the next one', () => {
  const turns = new LocalTurns({ workers: 2, seat: 0, spacingMs: SPACING_MS, clockAheadMs: 0 });
  expect(turns.take(1_050)).toBe(150);
});

test('the clock is that of Redis, and starts are told in it, once', () => {
  const turns = new LocalTurns({ workers: 1, seat: 0, spacingMs: SPACING_MS, clockAheadMs: 5_000 });
  turns.take(0);
  expect(turns.drainStarts(10)).toEqual([5_000]);
  expect(turns.drainStarts(10)).toEqual([]);
});
