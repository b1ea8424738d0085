import { pipelines } from '../pipelines/registry.ts';
import type { Beat } from '../redis/heartbeats.ts';
import { oldestAge, OldestTasks, waitingPlaces, waitingTasks } from './backlog.ts';

const places = waitingPlaces(pipelines, ['spotify', 'tmdb']);
const beat = (queues: Beat['queues']): Beat => ({
  process: 'w',
  at: 0,
  providers: {},
  ...(queues && { queues }),
});
const tasksAt = (ready: Readonly<Record<string, number>>, beats: readonly Beat[], stage: string) =>
  waitingTasks(places, new Map(Object.entries(ready)), beats)
    .filter((one) => one.stage === stage && one.tasks > 0)
    .map(({ pipeline, lane, tasks }) => ({ pipeline, lane, tasks }));

test('what waits for a provider belongs to the pipeline that asks it, in the broker and in the hands of workers', () => {
  const beats = [beat({ enrichment_spotify_queue: { held: 7 } }), beat(undefined)];
  expect(tasksAt({ enrichment_spotify_queue: 5, enrichment_tmdb_backlog: 2 }, beats, 'spotify')).toEqual([
    { pipeline: 'tracks', lane: 'priority', tasks: 12 },
  ]);
});

test('the rungs of the ladder are one stage, of all pipelines and lanes', () => {
  expect(tasksAt({ enrichment_retry_1s: 3, enrichment_retry_6h: 4 }, [], 'retry')).toEqual([
    { pipeline: 'any', lane: 'any', tasks: 7 },
  ]);
});

test('every queue is in one place', () => {
  const queues = places.flatMap((place) => place.queues);
  expect(new Set(queues).size).toBe(queues.length);
});

describe('the oldest task', () => {
  const queue = 'enrichment_spotify_queue';
  const ages = (oldest: OldestTasks, tasks: number, beats: readonly Beat[], now: number): number => {
    const waiting = waitingTasks(places, new Map([[queue, tasks]]), beats);
    const mine = places.filter(({ pipeline, lane }) => pipeline === 'tracks' && lane === 'priority');
    return oldestAge(mine, oldest.look(waiting, beats, now), now);
  };

  test('is the oldest that a worker holds', () => {
    const beats = [
      beat({ [queue]: { held: 1, oldestAt: 90_000 } }),
      beat({ [queue]: { held: 1, oldestAt: 40_000 } }),
    ];
    expect(ages(new OldestTasks(), 0, beats, 100_000)).toBe(60);
  });

  test('grows older while nobody consumes', () => {
    const oldest = new OldestTasks();
    ages(oldest, 3, [beat({ [queue]: { held: 1, oldestAt: 40_000 } })], 50_000);
    expect(ages(oldest, 3, [], 100_000)).toBe(60);
  });

  test('counts from when it was first seen where nobody knows better', () => {
    const oldest = new OldestTasks();
    ages(oldest, 3, [], 50_000);
    expect(ages(oldest, 3, [], 80_000)).toBe(30);
  });

  test('is gone with the last task', () => {
    const oldest = new OldestTasks();
    ages(oldest, 3, [], 50_000);
    expect(ages(oldest, 0, [], 80_000)).toBe(0);
  });
});
