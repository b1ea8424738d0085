/** Workers with always more to ask of some providers than these allow. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SystemProcess } from '../infra/local-system/system-process.ts';
import { parseRate } from '../shared/runtime/environment.ts';
import type { BenchSystem } from './bench-system.ts';
import { cleanSlate } from './clean-slate.ts';

export interface Saturation {
  readonly workers: number;
  /** By provider: what the sandbox allows is what the workers are told to keep. */
  readonly limits: Readonly<Record<string, string>>;
  /** There is work for so long. */
  readonly seconds: number;
  readonly say: (line: string) => void;
}

const PIPELINE_OF: Readonly<Record<string, string>> = { tmdb: 'movies' };
/** Start-up and compiling, by worker: they share the processors, and after it every provider is asked at its rate. */
const WARM_UP_MS = 2_000;
/** There is still work when the measuring ends. */
const SPARE_MS = 15_000;
const POLL_MS = 100;

/** Calls `measure` while everything is under way, then stops the workers. What is left goes with the next start. */
export async function saturated<T>(
  system: BenchSystem,
  { workers, limits, seconds, say }: Saturation,
  measure: (workers: readonly SystemProcess[]) => Promise<T>,
): Promise<T> {
  const described = Object.entries(limits).map((one) => one.join(' '));
  say(`${workers} workers, ${described.join(', ')}, ${seconds} s`);
  await cleanSlate(system);
  const env: Record<string, string> = {};
  const warmUpMs = WARM_UP_MS * (workers + 1);
  for (const [provider, limit] of Object.entries(limits)) {
    const { count, windowMs } = parseRate(limit);
    await system.control('PUT', '/limits', { provider, count, window_ms: windowMs, connections: 1_000 });
    Object.assign(env, {
      [`${provider.toUpperCase()}_RATE_LIMIT`]: limit,
      [`${provider.toUpperCase()}_MAX_IN_FLIGHT`]: '50',
      [`${provider.toUpperCase()}_DAILY_BUDGET`]: '0',
    });
    await demand(system, provider, Math.ceil((count / windowMs) * (seconds * 1_000 + warmUpMs + SPARE_MS)));
  }
  const started = await system.startWorkers(workers, env);
  await Promise.all(Object.keys(limits).map((provider) => firstRequest(system, provider)));
  await delay(warmUpMs);
  try {
    return await measure(started);
  } finally {
    await system.stopWorkers();
  }
}

async function firstRequest(system: BenchSystem, provider: string): Promise<void> {
  while ((await system.judge(provider)).requests === 0) await delay(POLL_MS);
}

/** More distinct entities than the limit lets through: each takes a request at least. */
async function demand(system: BenchSystem, provider: string, requests: number): Promise<void> {
  const run = Math.random().toString(36).slice(2, 10);
  const pipeline = PIPELINE_OF[provider] ?? 'tracks';
  function* records(): Generator<Record<string, string>> {
    for (let at = 0; at < requests; at++) {
      const id = `${run}-${at}`;
      yield pipeline === 'tracks'
        ? { track_id: id, artist: `Nobody ${run}`, title: `Unheard ${at}` }
        : { movie_id: id, title: `Unseen ${run} ${at}` };
    }
  }
  await system.publisher.publishMany(records(), { pipeline, providers: [provider] });
}
