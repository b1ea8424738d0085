/**
 * What each worker says about itself every few seconds: one small value a process that expires by itself, so that what
 * is kept grows with the workers alive and with nothing else.
 */
import type { Lane } from '../task/task.ts';
import { heartbeatKeys } from './keys.ts';
import type { Redis } from './redis-client.ts';

/** One provider, as one process sees it. Counts are those of the last minute, or since its start if that is later. */
export interface ProviderBeat {
  readonly mode: 'live' | 'sandbox';
  /** As configured. */
  readonly rate: { readonly count: number; readonly windowMs: number };
  /** As configured; 0 = no limit. */
  readonly dailyBudget: number;
  /** As configured; absent in the beats of releases that did not say. */
  readonly costPerRequestUsd?: number;
  /** Requests under way. */
  readonly inFlight: number;
  /** Deliveries that its stages hold. */
  readonly held: Readonly<Record<Lane, number>>;
  readonly requests: number;
  /** Requests that did not end well, slow-downs included. */
  readonly errors: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** How long these requests took together; absent in the beats of releases that did not say, like `inFlightLimit`. */
  readonly requestSeconds?: number;
  /** Requests that it has under way at most. */
  readonly inFlightLimit?: number;
  /** Requests that took so many seconds at most, by bound; each bound counts those of the smaller ones too. */
  readonly latency: readonly (readonly [seconds: number, requests: number])[];
}

/** What a process holds of one queue. */
export interface QueueBeat {
  readonly held: number;
  /** When the oldest of these was published, epoch milliseconds; absent when none says so. */
  readonly oldestAt?: number;
  /** Deliveries settled in the last minute. */
  readonly settled?: number;
}

/** What a worker says of itself since it can. */
export interface WorkerBeat {
  readonly version: string;
  readonly lanes: readonly Lane[];
  /** Tasks that came to their end in the last minute. */
  readonly finished: Readonly<Record<Lane, number>>;
  /** Deliveries settled a second in its best minute. */
  readonly bestPerSecond: number;
}

export interface Beat {
  readonly process: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly providers: Readonly<Record<string, ProviderBeat>>;
  /** By queue; absent in the beats of releases that did not say. */
  readonly queues?: Readonly<Record<string, QueueBeat>>;
  /** Absent in the beats of releases that did not say. */
  readonly worker?: WorkerBeat;
}

/** A process that has said nothing for so long is not counted any more. */
const EXPIRES_MS = 15_000;

/** Rejects when Redis does not take it. */
export async function writeBeat(redis: Redis, beat: Beat, prefix?: string): Promise<void> {
  const { index, beat: keyOf } = heartbeatKeys(prefix);
  await redis
    .multi()
    .set(keyOf(beat.process), JSON.stringify(beat), 'PX', EXPIRES_MS)
    .zadd(index, beat.at, beat.process)
    .zremrangebyscore(index, '-inf', beat.at - EXPIRES_MS)
    .pexpire(index, EXPIRES_MS)
    .exec();
}

/** For a process that ends in good order. Rejects when Redis is away. */
export async function removeBeat(redis: Redis, process: string, prefix?: string): Promise<void> {
  const { index, beat } = heartbeatKeys(prefix);
  await redis.multi().del(beat(process)).zrem(index, process).exec();
}

/** Of all workers that are alive. Rejects when Redis is away. */
export async function readBeats(redis: Redis, prefix?: string): Promise<readonly Beat[]> {
  const { index, beat } = heartbeatKeys(prefix);
  const processes = await redis.zrange(index, 0, '-1');
  if (processes.length === 0) return [];
  const texts = await redis.mget(processes.map((process) => beat(process)));
  return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as Beat]));
}
