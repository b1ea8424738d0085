import fc from 'fast-check';
import type { ReplayOutcome } from '../postgres/replay-outcomes.ts';
import { allowance, CANARY, isFailing } from './replay-watch.ts';

const outcome = (
  enriched: number,
  back: number,
  latest = { settled: enriched + back, back },
): ReplayOutcome => ({
  replayed: enriched + back,
  enriched,
  settledOtherwise: 0,
  back,
  backWithSameError: back,
  latest,
});

test('five go first, and nobody follows until all five have an outcome', () => {
  expect(allowance(0, outcome(0, 0))).toBe(5);
  expect(allowance(3, outcome(1, 0))).toBe(2);
  expect(allowance(5, outcome(4, 0))).toBe(0);
  expect(allowance(5, outcome(5, 0))).toBe(50);
});

test('then fifty are on their way at once, or as many as have an outcome', () => {
  expect(allowance(55, outcome(5, 0))).toBe(0);
  expect(allowance(60, outcome(20, 0))).toBe(10);
  expect(allowance(400, outcome(300, 0))).toBe(200);
});

test('more than half of the latest that came back is a failure; fewer outcomes than the canary has are none', () => {
  expect(isFailing(outcome(2, 3))).toBe(true);
  expect(isFailing(outcome(3, 2))).toBe(false);
  expect(isFailing(outcome(0, 4))).toBe(false);
  expect(isFailing(outcome(5_000, 30, { settled: 50, back: 26 }))).toBe(true);
  expect(isFailing(outcome(5_000, 30, { settled: 50, back: 25 }))).toBe(false);
});

test('whatever the outcomes, a replay of any size gets to its end and meets a cause that is still there gently', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), fc.boolean(), fc.nat(), (total, comesBack, seed) => {
      let [sent, settled, state] = [0, 0, seed];
      const now = (): ReplayOutcome => (comesBack ? outcome(0, settled) : outcome(settled, 0));
      for (let rounds = 0; sent < total && !isFailing(now()); rounds++) {
        expect(rounds).toBeLessThan(10_000);
        sent = Math.min(total, sent + allowance(sent, now()));
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        // Workers settle at least one of those that are on their way.
        if (sent > settled) settled += 1 + (state % (sent - settled));
      }
      if (comesBack) expect(sent).toBeLessThanOrEqual(CANARY);
      else expect(sent).toBe(total);
    }),
  );
});
