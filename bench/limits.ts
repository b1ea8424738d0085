/**
 * How much of a provider's rate the workers use together, and whether they ever exceed it. Each limit is saturated at a
 * provider of its own; the sandbox counts every request over the service's own window.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { SystemProcess } from '../infra/local-system/system-process.ts';
import { parseRate, type Rate } from '../shared/runtime/environment.ts';
import type { BenchSystem, Judged } from './bench-system.ts';
import { measureRetryAfter } from './retry-after.ts';
import { type Saturation, saturated } from './saturation.ts';

/** Slow limits share a run: each takes minutes and hardly any machine. The fast ones would take it from each other. */
const STEADY: readonly { readonly limits: Readonly<Record<string, string>>; readonly mostSeconds: number }[] =
  [
    { limits: { spotify: '30/30s', musicbrainz: '1/s', lastfm: '10/s' }, mostSeconds: Infinity },
    { limits: { deezer: '25/s' }, mostSeconds: 30 },
    { limits: { tmdb: '100/s' }, mostSeconds: 30 },
  ];
const DISTURBED = { workers: 10, limits: { lastfm: '10/s', tmdb: '25/s' }, seconds: 60 };
const DISTURBANCE = 'one killed, one frozen for 20 s';

export const LIMIT_PARTS = ['steady', 'disturbed', 'retry-after'] as const;

export interface LimitsOptions {
  readonly parts: readonly (typeof LIMIT_PARTS)[number][];
  /** One steady run each. */
  readonly workerCounts: readonly number[];
  /** Of each steady run of slow limits; fast ones take half a minute at most. */
  readonly seconds: number;
  readonly say: (line: string) => void;
}

interface LimitResult {
  readonly workers: number;
  readonly provider: string;
  readonly limit: string;
  readonly disturbance: string;
  readonly seconds: number;
  readonly requests: number;
  /** Requests made of requests allowed, while there was always work. */
  readonly utilisation: number;
  /** From the first request of the workers on, their start included. */
  readonly violations: number;
  /** Share of gaps shorter than 0.8 of the spacing, after the first two seconds. */
  readonly closeGaps: number;
}

/** Steady: nothing happens but work. Disturbed: a process is killed, another one frozen and woken up. */
export async function measureLimits(system: BenchSystem, options: LimitsOptions): Promise<object[]> {
  const { parts, workerCounts, seconds, say } = options;
  const results: object[] = [];
  if (parts.includes('steady')) {
    for (const workers of workerCounts) {
      for (const { limits, mostSeconds } of STEADY) {
        const run = { workers, limits, seconds: Math.min(seconds, mostSeconds), say };
        results.push(...(await measure(system, run)));
      }
    }
  }
  if (parts.includes('disturbed')) {
    results.push(...(await measure(system, { ...DISTURBED, say, disturb: killOneFreezeOne })));
  }
  if (parts.includes('retry-after')) results.push(...(await measureRetryAfter(system, say)));
  return results;
}

interface Measurement extends Saturation {
  readonly disturb?: (workers: readonly SystemProcess[]) => Promise<void>;
}

async function measure(system: BenchSystem, options: Measurement): Promise<LimitResult[]> {
  const { workers, limits, seconds, disturb } = options;
  const providers = Object.keys(limits);
  const judgeAll = (): Promise<Judged[]> => Promise.all(providers.map((name) => system.judge(name)));
  return saturated(system, options, async (started) => {
    const before = await judgeAll();
    await Promise.all([disturb?.(started), delay(seconds * 1_000)]);
    const after = await judgeAll();
    return Promise.all(
      providers.map(async (provider, at) => {
        const limit = limits[provider] ?? '';
        return {
          workers,
          provider,
          limit,
          disturbance: disturb === undefined ? 'none' : DISTURBANCE,
          ...usage(before[at], after[at], parseRate(limit)),
          violations: after[at]?.violations ?? 0,
          closeGaps: closeGaps(await system.arrivals(provider), parseRate(limit)),
        };
      }),
    );
  });
}

/** From one arrival to another: no part of a window is cut off at the ends. */
function usage(
  before: Judged | undefined,
  after: Judged | undefined,
  { count, windowMs }: Rate,
): Pick<LimitResult, 'seconds' | 'requests' | 'utilisation'> {
  const requests = (after?.requests ?? 0) - (before?.requests ?? 0);
  const spanMs = (after?.last_at ?? 0) - (before?.last_at ?? 0);
  return { seconds: spanMs / 1_000, requests, utilisation: requests / ((spanMs / windowMs) * count) };
}

function closeGaps(arrivals: readonly number[], { count, windowMs }: Rate): number {
  const steady = arrivals.filter((at) => at > (arrivals[0] ?? 0) + 2_000);
  const gaps = steady.slice(1).map((at, index) => at - (steady[index] ?? 0));
  const spacingMs = windowMs / count;
  return gaps.length === 0 ? 0 : gaps.filter((gap) => gap < 0.8 * spacingMs).length / gaps.length;
}

/** A crash costs its own slot; a frozen process is past its time when it wakes up. */
async function killOneFreezeOne([first, second]: readonly SystemProcess[]): Promise<void> {
  await delay(10_000);
  if (first !== undefined) process.kill(first.record.identity.pid, 'SIGKILL');
  if (second === undefined) return;
  process.kill(second.record.identity.pid, 'SIGSTOP');
  await delay(20_000);
  process.kill(second.record.identity.pid, 'SIGCONT');
}
