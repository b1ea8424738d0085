import { isStuck, type Progress } from './progress.ts';

const MINUTE = 60_000;
const idle: Progress = {
  oldestHeldMs: 0,
  sinceSettledMs: 60 * MINUTE,
  uncommitted: 0,
  sinceCommitMs: 60 * MINUTE,
};

test('a worker that holds nothing is well, however long ago its last task was', () => {
  expect(isStuck(idle, false)).toBe(false);
});

test('a worker that settles some of what it holds is well, also when one task waits long', () => {
  expect(isStuck({ ...idle, oldestHeldMs: 10 * MINUTE, sinceSettledMs: 1_000 }, false)).toBe(false);
});

test('a worker that holds tasks and settles none for minutes is stuck', () => {
  expect(isStuck({ ...idle, oldestHeldMs: 3 * MINUTE, sinceSettledMs: 3 * MINUTE }, false)).toBe(true);
});

test('a worker whose finished tasks are not written is stuck, even if it moves others', () => {
  const writing = { oldestHeldMs: 3 * MINUTE, sinceSettledMs: 10, uncommitted: 5, sinceCommitMs: 3 * MINUTE };
  expect(isStuck(writing, false)).toBe(true);
});

test('a worker that waits for a server that is away is not stuck', () => {
  expect(isStuck({ ...idle, oldestHeldMs: 30 * MINUTE, uncommitted: 5 }, true)).toBe(false);
});
