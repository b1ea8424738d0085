/**
 * How much of a provider's rate the workers use together, and whether they ever exceed it. Four limits are saturated at
 * a time, each by a provider of its own; the sandbox counts every request over the service's own window.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { SystemProcess } from '../infra/local-system/system-process.ts';
import { parseRate, type Rate } from '../shared/runtime/environment.ts';
import type { BenchSystem } from './bench-system.ts';

/** 25 a second is the second limit of TMDB in a run of its own: the sandbox has four services. */
const ROUNDS: readonly Readonly<Record<string, string>>[] = [
  { spotify: '30/30s', musicbrainz: '1/s', lastfm: '10/s', tmdb: '100/s' },
  { tmdb: '25/s' },
];
const PIPELINE_OF: Readonly<Record<string, string>> = { tmdb: 'movies' };

export interface LimitResult {
  readonly workers: number;
  readonly provider: string;
  readonly limit: string;
  readonly disturbance: string;
  readonly seconds: number;
  readonly requests: number;
  /** Requests made of requests allowed, while there was always work. */
  readonly utilisation: number;
  readonly violations: number;
  /** Share of gaps shorter than 0.8 of the spacing, after the first two seconds. */
  readonly closeGaps: number;
}

export interface LimitsOptions {
  readonly workerCounts: readonly number[];
  readonly seconds: number;
  readonly say: (line: string) => void;
}

export async function measureLimits(system: BenchSystem, options: LimitsOptions): Promise<LimitResult[]> {
  const results: LimitResult[] = [];
  for (const workers of options.workerCounts) {
    for (const limits of ROUNDS) {
      const seconds = limits['spotify'] === undefined ? Math.min(30, options.seconds) : options.seconds;
      results.push(...(await saturate(system, { workers, limits, seconds, say: options.say })));
    }
  }
  const disturbed = { workers: 10, limits: { lastfm: '10/s', tmdb: '25/s' }, seconds: 60, say: options.say };
  results.push(...(await saturate(system, { ...disturbed, disturb: killOneFreezeOne })));
  return results;
}

interface Saturation {
  readonly workers: number;
  readonly limits: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly say: (line: string) => void;
  readonly disturb?: (workers: readonly SystemProcess[]) => Promise<void>;
}

/** Start-up: the first requests of a process connect and compile. */
const WARM_UP_MS = 3_000;

async function saturate(
  system: BenchSystem,
  { workers, limits, seconds, say, disturb }: Saturation,
): Promise<LimitResult[]> {
  const providers = Object.keys(limits);
  say(
    `${workers} workers, ${Object.entries(limits)
      .map((one) => one.join(' '))
      .join(', ')}, ${seconds} s`,
  );
  await system.control('POST', '/reset');
  const env: Record<string, string> = {};
  for (const [provider, limit] of Object.entries(limits)) {
    const { count, windowMs } = parseRate(limit);
    await system.control('PUT', '/limits', { provider, count, window_ms: windowMs, connections: 1_000 });
    Object.assign(env, {
      [`${provider.toUpperCase()}_RATE_LIMIT`]: limit,
      [`${provider.toUpperCase()}_MAX_IN_FLIGHT`]: '50',
      [`${provider.toUpperCase()}_DAILY_BUDGET`]: '0',
    });
    await demand(system, provider, Math.ceil((count / windowMs) * (seconds + 20) * 1_000));
  }
  const started = await system.startWorkers(workers, env);
  await delay(WARM_UP_MS);
  const before = await Promise.all(providers.map((provider) => system.judge(provider)));
  const disturbing = disturb?.(started);
  await delay(seconds * 1_000);
  await disturbing;
  const results = await Promise.all(
    providers.map(async (provider, at): Promise<LimitResult> => {
      const limit = limits[provider] ?? '';
      const rate = parseRate(limit);
      const [from, to] = [before[at], await system.judge(provider)];
      const requests = to.requests - (from?.requests ?? 0);
      const spanMs = (to.last_at ?? 0) - (from?.last_at ?? 0);
      return {
        workers,
        provider,
        limit,
        disturbance: disturb === undefined ? 'none' : 'one killed, one frozen for 20 s',
        seconds: spanMs / 1_000,
        requests,
        utilisation: requests / ((spanMs / rate.windowMs) * rate.count),
        violations: to.violations,
        closeGaps: closeGaps(await system.arrivals(provider), rate),
      };
    }),
  );
  await system.stopWorkers();
  await emptyQueues(system, providers);
  return results;
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

async function emptyQueues(system: BenchSystem, providers: readonly string[]): Promise<void> {
  const { RABBITMQ_MANAGEMENT_URL, RABBITMQ_URL } = system.urls;
  const base = new URL(RABBITMQ_MANAGEMENT_URL);
  const login = Buffer.from(`${base.username}:${base.password}`).toString('base64');
  const vhost = encodeURIComponent(new URL(RABBITMQ_URL).pathname.slice(1));
  const queues = [
    'metadata_enrichment_queue',
    'movie_enrichment_queue',
    ...providers.map((name) => `enrichment_${name}_queue`),
  ];
  for (const queue of queues) {
    await fetch(`${base.origin}/api/queues/${vhost}/${queue}/contents`, {
      method: 'DELETE',
      headers: { authorization: `Basic ${login}` },
    });
  }
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
