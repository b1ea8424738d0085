/** One of ten workers is told to stay away for seven seconds: when all of them do, and when they come back. */
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchSystem } from './bench-system.ts';
import { saturated } from './saturation.ts';

interface RetryAfterResult {
  readonly workers: number;
  readonly provider: string;
  readonly limit: string;
  readonly retryAfterSeconds: number;
  /** Of all workers, from the refusal on; the last request before the silence. */
  readonly lastAfterMs: number;
  /** When the silence ended. */
  readonly resumedAfterMs: number;
  /** Requests later than 200 ms after the refusal and before the end. */
  readonly tooEarly: number;
  readonly violations: number;
}

const RETRY_AFTER_SECONDS = 7;
const REACTION_MS = 200;
const WORKERS = 10;
const LIMITS = { spotify: '10/s', tmdb: '25/s' };
const OBSERVED_MS = 12_000;

export async function measureRetryAfter(
  system: BenchSystem,
  say: (line: string) => void,
): Promise<RetryAfterResult[]> {
  return saturated(system, { workers: WORKERS, limits: LIMITS, seconds: 30, say }, async () => {
    const fault = { kind: 'rate_limited', count: 1, retry_after: RETRY_AFTER_SECONDS };
    for (const provider of Object.keys(LIMITS))
      await system.control('POST', '/faults', { provider, ...fault });
    await delay(OBSERVED_MS);
    return Promise.all(Object.entries(LIMITS).map(([provider, limit]) => resultOf(system, provider, limit)));
  });
}

async function resultOf(system: BenchSystem, provider: string, limit: string): Promise<RetryAfterResult> {
  const requests = await system.requests(provider);
  const refused = requests.find(({ fault }) => fault === 'rate_limited')?.answered_at;
  if (refused === undefined) throw new Error(`${provider} refused nobody`);
  const since = requests.map(({ at }) => at - refused).filter((ms) => ms > 0);
  const silent = (ms: number): boolean => ms > REACTION_MS;
  return {
    workers: WORKERS,
    provider,
    limit,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    lastAfterMs: since.filter((ms) => !silent(ms)).at(-1) ?? 0,
    resumedAfterMs: since.find(silent) ?? Infinity,
    tooEarly: since.filter((ms) => silent(ms) && ms < RETRY_AFTER_SECONDS * 1_000).length,
    violations: (await system.judge(provider)).violations,
  };
}
