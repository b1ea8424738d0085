import { type LaneLoad, type ProviderLoad, workersWanted } from './workers-wanted.ts';

const spotify: ProviderLoad = {
  provider: 'spotify',
  isWaitedFor: true,
  perMinute: 600,
  meanSeconds: 0.2,
  inFlightLimit: 10,
};
const load = (more: Partial<LaneLoad>): LaneLoad => ({
  lane: 'priority',
  entry: 0,
  bestPerSecond: 0,
  providers: [],
  ...more,
});

test('an idle lane has use for one worker', () => {
  expect(workersWanted(load({}))).toEqual({ workers: 1, by: 'idle' });
});

test('what waits at the entry is picked up within a minute, that of the backlog within ten', () => {
  expect(workersWanted(load({ entry: 9_000 }))).toEqual({ workers: 3, by: 'entry' });
  expect(workersWanted(load({ lane: 'backlog', entry: 31_000 }))).toEqual({ workers: 2, by: 'entry' });
});

test('workers that have shown more are trusted with more', () => {
  expect(workersWanted(load({ entry: 9_000, bestPerSecond: 150 })).workers).toBe(1);
});

test('however much waits for a provider, its limit caps the workers', () => {
  expect(workersWanted(load({ providers: [spotify] }))).toEqual({ workers: 1, by: 'spotify' });
  const slow = { ...spotify, meanSeconds: 4.1 };
  expect(workersWanted(load({ providers: [slow] }))).toEqual({ workers: 5, by: 'spotify' });
});

test('a provider that nobody waits for wants nobody, one that was not asked yet wants one', () => {
  const slow = { ...spotify, meanSeconds: 4.1 };
  expect(workersWanted(load({ providers: [{ ...slow, isWaitedFor: false }] })).workers).toBe(1);
  expect(workersWanted(load({ providers: [{ ...slow, meanSeconds: undefined }] })).workers).toBe(1);
});
