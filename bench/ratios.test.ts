import { compare, type Ratios } from './ratios.ts';

const BEFORE: Ratios = {
  warmOfBareMultiAck: 0.8,
  warmOfBareSingleAck: 1.1,
  warmOfCelery: 6,
  warmOfBullMq: 5,
  warmOfSequential: 8,
  publishOfBare: 0.8,
  oneByOneP50Ms: 1,
  oneByOneP99Ms: 4,
  idleP50Ms: 3,
  idleP99Ms: 8,
};
const verdictOf = (now: Ratios, says: string) =>
  compare(now, BEFORE).find(({ measure }) => measure.includes(says))?.verdict;

test('a run like the baseline is as before and meets its targets', () => {
  for (const { verdict } of compare(BEFORE, BEFORE)) expect(verdict).toBe('as before (+0 %), target met');
});

test('a ratio that fell is worse, and so is a time that grew', () => {
  const now = { ...BEFORE, warmOfBareMultiAck: 0.4, idleP50Ms: 6 };
  expect(verdictOf(now, 'multi-ack')).toBe('WORSE than the baseline (-50 %), target missed');
  expect(verdictOf(now, 'idle, median')).toBe('WORSE than the baseline (-50 %), target missed');
});

test('what could not be measured is no verdict', () => {
  expect(verdictOf({ ...BEFORE, warmOfCelery: null }, 'Celery')).toContain('not measured');
});
