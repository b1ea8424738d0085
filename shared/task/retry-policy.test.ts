import fc from 'fast-check';
import { ProviderError, type ProviderErrorKind } from './provider-error.ts';
import { nearbyStep, nextTry, RETRY_STEPS, stepNotBefore } from './retry-policy.ts';

const fault = (kind: ProviderErrorKind, retryAfterMs?: number): ProviderError =>
  new ProviderError('p', kind, 'went wrong', retryAfterMs === undefined ? {} : { retryAfterMs });

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test.each(['rate_limited', 'quota_exhausted', 'auth'] as const)(
  '%s defers, however many attempts were made',
  (kind) => {
    expect(nextTry(fault(kind, 7_000), 99, 1, Math.random)).toEqual({ do: 'defer', delayMs: 7_000 });
    expect(nextTry(fault(kind), 99, 1, Math.random)).toMatchObject({ do: 'defer' });
  },
);

test.each(['bad_request', 'forbidden', 'contract'] as const)('%s is not tried again', (kind) => {
  expect(nextTry(fault(kind), 1, 5, Math.random)).toEqual({ do: 'give_up', reason: 'p: went wrong' });
});

test('a transient fault is tried again until its attempts are spent', () => {
  expect(nextTry(fault('unavailable'), 4, 5, Math.random)).toMatchObject({ do: 'retry' });
  expect(nextTry(fault('unavailable'), 5, 5, Math.random)).toEqual({
    do: 'give_up',
    reason: 'p: went wrong (5 attempts)',
  });
});

test('later attempts may wait longer, and never longer than the ceiling rounded up', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), random, random, (attempt, first, second) => {
      const draws = [first, second];
      const next = nextTry(fault('unavailable'), attempt, 10, () => draws.shift() ?? 0);
      const ceiling = Math.max(2_000 * 4 ** (attempt - 1), 1_000);
      if (next.do !== 'retry') throw new Error('not retried');
      expect(RETRY_STEPS[next.step]).toBeLessThanOrEqual(RETRY_STEPS[stepNotBefore(ceiling)]);
    }),
  );
});

test('a delay is rounded to one of its two neighbours, and its mean is kept', () => {
  const delayMs = 40_000;
  const steps = Array.from({ length: 1_000 }, (_, at) => RETRY_STEPS[nearbyStep(delayMs, at / 1_000)]);
  expect(new Set(steps)).toEqual(new Set([RETRY_STEPS['15s'], RETRY_STEPS['1m']]));
  const mean = steps.reduce<number>((sum, ms) => sum + ms, 0) / steps.length;
  expect(Math.abs(mean - delayMs)).toBeLessThan(delayMs * 0.01);
});

test('a wait that somebody asked for is never cut short, but by the longest step', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30_000_000 }), (delayMs) => {
      expect(RETRY_STEPS[stepNotBefore(delayMs)]).toBeGreaterThanOrEqual(
        Math.min(delayMs, RETRY_STEPS['6h']),
      );
    }),
  );
});

const kinds = fc.constantFrom<ProviderErrorKind>(
  'unavailable',
  'rate_limited',
  'quota_exhausted',
  'auth',
  'contract',
);

test('whatever happens in whatever order, exactly the transient faults are counted, up to the last attempt', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(kinds, random)), fc.integer({ min: 1, max: 10 }), (faults, maxAttempts) => {
      let attempts = 0;
      for (const [kind, drawn] of faults) {
        const next = nextTry(fault(kind), attempts + 1, maxAttempts, () => drawn);
        const isLast = kind === 'unavailable' && attempts + 1 === maxAttempts;
        expect(next.do === 'give_up').toBe(isLast || kind === 'contract');
        if (next.do === 'give_up') return;
        expect(next.do === 'retry').toBe(kind === 'unavailable');
        if (next.do === 'retry') attempts++;
        expect(attempts).toBeLessThan(maxAttempts);
      }
    }),
  );
});
