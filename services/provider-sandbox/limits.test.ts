import { SlidingLimit } from './limits.ts';

const perSecond = (count: number, counts: 'all' | 'served') =>
  new SlidingLimit({ rate: { count, windowMs: 1_000 }, counts }, 1);

test('a burst on both sides of a full second is one window', () => {
  const limit = perSecond(5, 'served');
  const admitted = [900, 920, 940, 960, 980, 1_010, 1_030].map((at) => limit.arrive(at).admitted);
  expect(admitted).toEqual([true, true, true, true, true, false, false]);
});

test('a refusal tells when the window has room again', () => {
  const limit = perSecond(2, 'served');
  limit.arrive(0);
  limit.arrive(300);
  expect(limit.arrive(400)).toEqual({ admitted: false, waitMs: 600 });
  expect(limit.arrive(1_001).admitted).toBe(true);
});

test('where refused requests count, a client is refused until it slows down', () => {
  const limit = perSecond(1, 'all');
  const hasty = [0, 500, 1_000, 1_500, 2_000].map((at) => limit.arrive(at).admitted);
  expect(hasty).toEqual([true, false, false, false, false]);
  expect(limit.arrive(3_001).admitted).toBe(true);
});

test('where they do not, a hasty client gets the allowed share', () => {
  const limit = perSecond(1, 'served');
  const hasty = [0, 500, 1_001, 1_500, 2_002].map((at) => limit.arrive(at).admitted);
  expect(hasty).toEqual([true, false, true, false, true]);
});

test('more requests in flight than connections are refused until one ends', () => {
  const limit = new SlidingLimit(
    { rate: { count: 100, windowMs: 1_000 }, connections: 2, counts: 'served' },
    1,
  );
  expect([0, 1, 2].map((at) => limit.arrive(at).admitted)).toEqual([true, true, false]);
  limit.finish();
  limit.finish();
  expect(limit.arrive(3).admitted).toBe(true);
});

test('the speed multiplies the count, and stretches the window of a limit below one', () => {
  const limit = perSecond(1, 'served');
  limit.speed = 20;
  expect(limit.allowed).toEqual({ count: 20, windowMs: 1_000 });
  limit.speed = 0.5;
  expect(limit.allowed).toEqual({ count: 1, windowMs: 2_000 });
});

test('the latest window is remembered right after 10,000 arrivals', () => {
  const limit = perSecond(3, 'served');
  const admitted = Array.from({ length: 10_000 }, (_, at) => limit.arrive(at * 100).admitted);
  expect(admitted.filter(Boolean)).toHaveLength(3_000);
});
