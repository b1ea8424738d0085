import { createPace } from './pace.ts';

test.each([
  [{ count: 50, windowMs: 1_000 }, 11, 200],
  [{ count: 2_000, windowMs: 1_000 }, 401, 200],
])('%j lets no more through than it says', async (rate, calls, leastMs) => {
  const pace = createPace(rate, new AbortController().signal);
  const startedAt = performance.now();
  for (let call = 0; call < calls; call += 1) await pace();
  // Timers may fire a millisecond early.
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(leastMs - 20);
});

test('an abort ends the wait of a slow rate', async () => {
  const controller = new AbortController();
  const pace = createPace({ count: 1, windowMs: 3_600_000 }, controller.signal);
  await pace();
  const waiting = pace();
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow();
  await expect(pace()).rejects.toThrow('enough');
});
