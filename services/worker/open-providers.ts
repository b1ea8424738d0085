import { type AskingDeps, openAsked, openGate } from '../../shared/asking/open-asked.ts';
import { RefusalWatch } from '../../shared/asking/refusal-watch.ts';
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { Pipeline } from '../../shared/pipelines/pipeline.ts';
import type { OpenProvider } from '../../shared/providers/open-provider.ts';
import { listProviders } from '../../shared/providers/registry.ts';
import type { AnswerCache } from '../../shared/redis/answer-cache.ts';
import { LookUpLocks } from '../../shared/redis/look-up-locks.ts';
import type { Redis } from '../../shared/redis/redis-client.ts';
import { ResponseCache } from '../../shared/redis/response-cache.ts';
import type { Pool } from '../../shared/postgres/pool.ts';
import { findProviderState, saveProviderState } from '../../shared/postgres/provider-state.ts';
import type { Environment } from '../../shared/runtime/environment.ts';
import type { Supplements } from '../../shared/task/supplement.ts';
import { type Config, maxWaitMs } from './config.ts';
import { LookUpDesk } from './look-up-desk.ts';
import type { IsStopped } from './stopped-jobs.ts';

export interface OpenProvidersDeps {
  readonly config: Config;
  readonly env: Environment;
  readonly redis: Redis;
  readonly pool: Pool;
  readonly answers: AnswerCache;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly processId: string;
  readonly version: string;
  readonly isStopped: IsStopped;
  readonly stopping: AbortSignal;
  readonly cutOff: AbortSignal;
}

/** A desk for every provider that can be asked: with credentials, needing none, or in the sandbox. By name. */
export async function openProviders(deps: OpenProvidersDeps): Promise<ReadonlyMap<string, LookUpDesk>> {
  const desks = new Map<string, LookUpDesk>();
  const asking = askingDeps(deps);
  for (const name of listProviders()) {
    const opened = await openAsked(name, asking);
    if (opened.mode === 'off') {
      deps.log.warn('provider is left out: no credentials', {
        provider: name,
        missing: opened.missing.join(', '),
      });
    } else {
      deps.log.info('provider is served', { provider: name, mode: opened.mode });
      desks.set(name, openDesk(opened, asking, deps));
    }
  }
  return desks;
}

/** Those of the providers that add to what others found. */
export function supplementsOf(desks: Iterable<LookUpDesk>): Supplements {
  const definitions = [...desks].map((desk) => desk.provider.definition);
  return new Map(
    definitions.flatMap(({ name, supplement }) => (supplement === undefined ? [] : [[name, supplement]])),
  );
}

/** The providers of a pipeline's chain that can be asked here: one list for each pipeline, as every task asks for it often. */
export function servedChains(
  desks: ReadonlyMap<string, LookUpDesk>,
): (work: { readonly pipeline: Pipeline }) => readonly string[] {
  const served = new WeakMap<Pipeline, readonly string[]>();
  return ({ pipeline }) => {
    const known = served.get(pipeline);
    if (known !== undefined) return known;
    const chain = pipeline.chain.filter((name) => desks.has(name));
    served.set(pipeline, chain);
    return chain;
  };
}

/** What a request to each of them costs. */
export const pricesOf = (desks: ReadonlyMap<string, LookUpDesk>): ReadonlyMap<string, number> =>
  new Map([...desks].map(([name, desk]) => [name, desk.provider.limits.costPerRequestUsd]));

function askingDeps(deps: OpenProvidersDeps): AskingDeps {
  const { config, metrics, pool } = deps;
  return {
    ...deps,
    ...config,
    maxWaitMs: maxWaitMs(config),
    memory: {
      load: (provider) => findProviderState(pool, provider),
      save: (provider, state) => saveProviderState(pool, provider, state),
    },
    onLocalFallback: (provider) => {
      metrics.gateFallbacks.inc({ provider });
    },
  };
}

function openDesk(
  opened: Exclude<OpenProvider, { mode: 'off' }>,
  asking: AskingDeps,
  deps: OpenProvidersDeps,
): LookUpDesk {
  const { redis, metrics } = deps;
  const { gate, inFlight } = openGate(opened, asking);
  metrics.requestsLimit.set({ provider: opened.name }, inFlight.current);
  const onError = (): void => {
    metrics.redisErrors.inc({ use: 'response_cache' });
  };
  const ttlSeconds = Math.min(deps.config.responseTtlSeconds, opened.limits.ttl.maxSeconds);
  const responses = new ResponseCache({ redis, ttlSeconds, onError });
  const locks = new LookUpLocks({ redis, provider: opened.name });
  const { staleSeconds } = deps.config;
  const refusals = new RefusalWatch((error) => {
    const { message } = error;
    deps.log.error('provider refuses every request: are its address and our access right?', {
      provider: opened.name,
      error: message,
    });
  });
  const asked = { opened, gate, inFlight, refusals };
  return new LookUpDesk({ ...deps, ...asked, locks, responses, staleSeconds });
}
