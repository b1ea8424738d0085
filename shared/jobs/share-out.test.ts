import type { FedJob } from '../postgres/jobs/outbox.ts';
import { shareOut } from './share-out.ts';

const job = (jobId: string, change: Partial<FedJob> = {}): FedJob => ({
  jobId,
  owner: jobId[0] ?? '',
  pipeline: 'tracks',
  lane: 'priority',
  fed: 0,
  unfed: 10_000,
  lapsed: 0,
  isFeedable: true,
  ...change,
});
const OPTIONS = { ahead: 2_000, headStart: 100, batch: 1_000 };

const counts = (jobs: readonly FedJob[], options = OPTIONS) =>
  Object.fromEntries(shareOut(jobs, options).map(({ jobId, count }) => [jobId, count]));

test('owners have equal shares, whatever the number and size of their jobs', () => {
  const shares = counts([job('a1', { unfed: 900_000 }), job('a2'), job('b1')]);
  expect(shares['b1']).toBe(1_000);
  expect((shares['a1'] ?? 0) + (shares['a2'] ?? 0)).toBe(1_000);
  expect(shares['a1']).toBe(shares['a2']);
});

test('nothing is fed beyond what may be ahead in the broker', () => {
  expect(counts([job('a1', { fed: 1_990 })])).toEqual({ a1: 10 });
  expect(counts([job('a1', { fed: 2_000 })])).toEqual({});
});

test('a newcomer has its head start although the broker holds all that it may', () => {
  const shares = shareOut([job('a1', { fed: 2_000 }), job('b1', { unfed: 150 })], OPTIONS);
  expect(shares).toEqual([{ jobId: 'b1', count: 100, urgent: 100 }]);
});

test('what an owner has beyond its head start yields', () => {
  expect(shareOut([job('a1', { fed: 60, unfed: 90 })], OPTIONS)).toEqual([
    { jobId: 'a1', count: 90, urgent: 40 },
  ]);
});

test('lanes and pipelines do not take from each other', () => {
  const full = job('a1', { fed: 2_000 });
  expect(counts([full, job('a2', { lane: 'backlog' }), job('a3', { pipeline: 'movies' })])).toEqual({
    a2: 1_000,
    a3: 1_000,
  });
});

test('a paused job is counted for what it has in the broker and gets nothing', () => {
  expect(counts([job('a1', { fed: 1_500, isFeedable: false }), job('b1')])).toEqual({ b1: 500 });
});

test('what is fed again needs no room: it is counted already', () => {
  expect(shareOut([job('a1', { fed: 2_000, lapsed: 300 })], OPTIONS)).toEqual([
    { jobId: 'a1', count: 300, urgent: 300 },
  ]);
});

test('with less room than owners the next time begins with the next one', () => {
  const jobs = [job('a1', { fed: 990 }), job('b1', { fed: 1_000 })];
  expect(counts(jobs)).toEqual({ a1: 10 });
  expect(counts(jobs, { ...OPTIONS, lastOwner: 'a' } as typeof OPTIONS)).toEqual({ b1: 10 });
});
