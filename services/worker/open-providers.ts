import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { fetchApi } from '../../shared/providers/fetch-json.ts';
import { openProvider, type OpenProvider } from '../../shared/providers/open-provider.ts';
import type { ProviderTools } from '../../shared/providers/provider.ts';
import { listProviders, loadProvider } from '../../shared/providers/registry.ts';
import type { AnswerCache } from '../../shared/redis/answer-cache.ts';
import { ProviderGate } from '../../shared/redis/provider-gate.ts';
import type { Redis } from '../../shared/redis/redis-client.ts';
import { ResponseCache } from '../../shared/redis/response-cache.ts';
import { RedisTokenStore } from '../../shared/redis/token-store.ts';
import type { Pool } from '../../shared/postgres/pool.ts';
import { findProviderState, saveProviderState } from '../../shared/postgres/provider-state.ts';
import type { Environment } from '../../shared/runtime/environment.ts';
import type { Supplements } from '../../shared/task/supplement.ts';
import type { Config } from './config.ts';
import { LookUpDesk } from './look-up-desk.ts';

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
  readonly stopping: AbortSignal;
  readonly cutOff: AbortSignal;
}

/** A request may last its timeout; then somebody else may have the lock. */
const LEASE_MARGIN_MS = 5_000;

/** A desk for every provider that can be asked: with credentials, needing none, or in the sandbox. By name. */
export async function openProviders(deps: OpenProvidersDeps): Promise<ReadonlyMap<string, LookUpDesk>> {
  const desks = new Map<string, LookUpDesk>();
  for (const name of listProviders()) {
    const opened = await openOne(name, deps);
    if (opened.mode === 'off') {
      deps.log.warn('provider is left out: no credentials', {
        provider: name,
        missing: opened.missing.join(', '),
      });
    } else {
      deps.log.info('provider is served', { provider: name, mode: opened.mode });
      desks.set(name, openDesk(opened, deps));
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

async function openOne(name: string, deps: OpenProvidersDeps): Promise<OpenProvider> {
  const { config, env, redis, processId, version } = deps;
  const contact = config.contact === '' ? '' : ` ( ${config.contact} )`;
  const userAgent = `enrichment-pipeline/${version}${contact}`;
  return openProvider(await loadProvider(name), env, {
    ...(config.sandboxUrl === '' ? {} : { sandboxUrl: config.sandboxUrl }),
    tools: ({ timeoutMs }): ProviderTools => ({
      userAgent,
      tokens: new RedisTokenStore({ redis, provider: name, processId }),
      fetch: (url, init, signal) => fetchApi(url, { ...init, timeoutMs, provider: name }, signal),
    }),
  });
}

function openDesk(opened: Exclude<OpenProvider, { mode: 'off' }>, deps: OpenProvidersDeps): LookUpDesk {
  const { config, redis, metrics, log, processId } = deps;
  const { name, limits } = opened;
  const gate = new ProviderGate({
    provider: name,
    redis,
    processId,
    rate: limits.rate,
    dailyBudget: limits.dailyBudget,
    leaseMs: limits.timeoutMs + LEASE_MARGIN_MS,
    maxInFlight: config.prefetchCount > 0 ? config.prefetchCount : limits.maxInFlight,
    memory: {
      load: (provider) => findProviderState(deps.pool, provider),
      save: (provider, state) => saveProviderState(deps.pool, provider, state),
    },
    log,
    onLocalFallback: () => {
      metrics.gateFallbacks.inc({ provider: name });
    },
  });
  const onError = (): void => {
    metrics.redisErrors.inc({ use: 'response_cache' });
  };
  const ttlSeconds = Math.min(config.responseTtlSeconds, limits.ttl.maxSeconds);
  const responses = new ResponseCache({ redis, ttlSeconds, onError });
  return new LookUpDesk({ ...deps, opened, gate, responses });
}
