/**
 * How many workers a lane has use for. At an entry stage more of them are faster: as many as empty it in time, at the best
 * rate that a worker has shown. At a provider's stage they are not once its limit is used: what the limit lets through,
 * times the latency, is what can be under way, and a few workers hold that. Prometheus reckons the same by the recording
 * rules of monitoring/prometheus/recording-rules.ts, which are tested against this function. Pure.
 */
import type { Lane } from '../task/task.ts';

/** Seconds in which what waits at the entry stages should be picked up. */
export const ENTRY_TARGET_SECONDS: Readonly<Record<Lane, number>> = { priority: 60, backlog: 600 };

/** Tasks a second that a worker is trusted with before it has shown what it can do. */
export const LEAST_WORKER_RATE = 50;

export interface ProviderLoad {
  readonly provider: string;
  /** Whether anything of the lane waits for it. */
  readonly isWaitedFor: boolean;
  /** Requests that its limit allows. */
  readonly perMinute: number;
  /** Mean latency; undefined = it was not asked lately. */
  readonly meanSeconds: number | undefined;
  /** Requests that one worker has under way at most; undefined = no worker says so. */
  readonly inFlightLimit: number | undefined;
}

export interface LaneLoad {
  readonly lane: Lane;
  /** Tasks at the entry stages. */
  readonly entry: number;
  /** Tasks a second of a worker in its best minutes. */
  readonly bestPerSecond: number;
  readonly providers: readonly ProviderLoad[];
}

export interface WorkersWanted {
  /** At least 1. */
  readonly workers: number;
  /** `entry`, the provider that has use for so many, or `idle`. */
  readonly by: string;
}

export function workersWanted({ lane, entry, bestPerSecond, providers }: LaneLoad): WorkersWanted {
  const rate = Math.max(bestPerSecond, LEAST_WORKER_RATE);
  const candidates = [
    { workers: Math.ceil(entry / (ENTRY_TARGET_SECONDS[lane] * rate)), by: 'entry' },
    ...providers
      .filter(({ isWaitedFor }) => isWaitedFor)
      .map((load) => ({ workers: usefulWorkers(load), by: load.provider })),
  ];
  return candidates.reduce<WorkersWanted>(
    (most, one) => (one.workers > most.workers || (most.by === 'idle' && one.workers > 0) ? one : most),
    { workers: 1, by: 'idle' },
  );
}

/** More than these would wait for each other's slots at the gate. */
function usefulWorkers({ perMinute, meanSeconds, inFlightLimit }: ProviderLoad): number {
  if (meanSeconds === undefined || inFlightLimit === undefined) return 1;
  return Math.max(1, Math.ceil(((perMinute / 60) * meanSeconds) / inFlightLimit));
}
