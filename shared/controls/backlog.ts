/** What waits, by pipeline, lane and stage, and since when. Pure, but for the memory of OldestTasks. */
import type { Pipeline } from '../pipelines/pipeline.ts';
import { laneQueue, providerPrefix, QUARANTINE, retryQueue } from '../rabbitmq/topology.ts';
import type { Beat } from '../redis/heartbeats.ts';
import { RETRY_STEPS, type RetryStep } from '../task/retry-policy.ts';
import { type Lane, LANES } from '../task/task.ts';

/** A place where tasks wait. `any`: those of all pipelines or lanes are mixed there. */
export interface WaitingPlace {
  readonly pipeline: string;
  readonly lane: Lane | 'any';
  readonly stage: string;
  readonly queues: readonly string[];
}

export interface Waiting extends WaitingPlace {
  readonly tasks: number;
}

/** Messages ready in the broker, by queue. */
export type Ready = ReadonlyMap<string, number>;

/** A provider that several pipelines ask has one stage for all of them. */
export function waitingPlaces(
  pipelines: readonly Pick<Pipeline, 'name' | 'prefix' | 'chain'>[],
  providers: readonly string[],
): readonly WaitingPlace[] {
  const askers = (provider: string): string => {
    const [first, ...others] = pipelines.filter(({ chain }) => chain.includes(provider));
    return first === undefined || others.length > 0 ? 'any' : first.name;
  };
  const ladder = Object.keys(RETRY_STEPS).map((step) => retryQueue(step as RetryStep));
  return [
    ...LANES.flatMap((lane) => [
      ...pipelines.map(({ name, prefix }) => ({
        pipeline: name,
        lane,
        stage: 'entry',
        queues: [laneQueue(prefix, lane)],
      })),
      ...providers.map((provider) => ({
        pipeline: askers(provider),
        lane,
        stage: provider,
        queues: [laneQueue(providerPrefix(provider), lane)],
      })),
    ]),
    { pipeline: 'any', lane: 'any', stage: 'retry', queues: ladder },
    { pipeline: 'any', lane: 'any', stage: 'quarantine', queues: [QUARANTINE] },
  ];
}

/** In the broker and in the hands of workers. The two are read one after the other: a task on its way may count twice. */
export function waitingTasks(
  places: readonly WaitingPlace[],
  ready: Ready,
  beats: readonly Beat[],
): readonly Waiting[] {
  return places.map((place) => ({
    ...place,
    tasks: place.queues.reduce((sum, queue) => sum + (ready.get(queue) ?? 0) + heldOf(queue, beats), 0),
  }));
}

const heldOf = (queue: string, beats: readonly Beat[]): number =>
  beats.reduce((sum, { queues }) => sum + (queues?.[queue]?.held ?? 0), 0);

/**
 * When the oldest task of each queue was published. Nobody can look into a queue, but its head is in the hands of a
 * worker whenever one consumes it, so the oldest task at hand is the oldest of all (inside one priority). While nobody
 * consumes, what was known last stays; a queue that was never seen consumed counts from when it was first seen to hold
 * something, which is too young by as much as that came late.
 */
export class OldestTasks {
  readonly #since = new Map<string, number>();

  /** Epoch milliseconds by queue; queues where nothing waits are left out. */
  look(waiting: readonly Waiting[], beats: readonly Beat[], now: number): ReadonlyMap<string, number> {
    for (const { queues, tasks } of waiting) {
      for (const queue of queues) {
        const held = beats.flatMap((beat) => beat.queues?.[queue]?.oldestAt ?? []);
        if (tasks === 0) this.#since.delete(queue);
        else if (held.length > 0) this.#since.set(queue, Math.min(...held));
        else if (!this.#since.has(queue)) this.#since.set(queue, now);
      }
    }
    return new Map(this.#since);
  }
}

/** Seconds since the oldest task of a pipeline and lane was published, wherever it waits; 0 without one. */
export function oldestAge(
  places: readonly WaitingPlace[],
  since: ReadonlyMap<string, number>,
  now: number,
): number {
  const times = places.flatMap(({ queues }) => queues.flatMap((queue) => since.get(queue) ?? []));
  return times.length === 0 ? 0 : Math.max(0, now - Math.min(...times)) / 1_000;
}
