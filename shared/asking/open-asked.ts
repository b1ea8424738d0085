/** A provider made ready to be asked by a process, and its gate: the same for workers and for the command line. */
import type { Log } from '../observability/log.ts';
import { fetchApi } from '../providers/fetch-json.ts';
import { openProvider, type OpenProvider } from '../providers/open-provider.ts';
import type { ProviderTools } from '../providers/provider.ts';
import { loadProvider } from '../providers/registry.ts';
import type { GateMemory } from '../redis/gate-slot.ts';
import { ProviderGate } from '../redis/provider-gate.ts';
import type { Redis } from '../redis/redis-client.ts';
import { RedisTokenStore } from '../redis/token-store.ts';
import type { Environment } from '../runtime/environment.ts';
import type { Lane } from '../task/task.ts';
import { InFlightLimit } from './in-flight-limit.ts';

export interface AskingDeps {
  readonly env: Environment;
  /** Empty = providers are asked themselves, or not at all. */
  readonly sandboxUrl: string;
  /** Who runs this, for the User-Agent. */
  readonly contact: string;
  readonly version: string;
  readonly processId: string;
  readonly redis: Redis;
  readonly memory: GateMemory;
  readonly log: Log;
  /** Most requests in flight at a provider; 0 = what the provider allows. */
  readonly prefetchCount: number;
  /** Who waits behind an open circuit is sent away after this. */
  readonly maxWaitMs: Readonly<Record<Lane, number>>;
  readonly onLocalFallback?: (provider: string) => void;
}

/** A request may last its timeout; then somebody else may probe. */
const LEASE_MARGIN_MS = 5_000;

/** Throws ConfigError, and for a name that no provider has. */
export async function openAsked(name: string, deps: AskingDeps): Promise<OpenProvider> {
  const { env, sandboxUrl, redis, processId } = deps;
  const contact = deps.contact === '' ? '' : ` ( ${deps.contact} )`;
  const userAgent = `enrichment-pipeline/${deps.version}${contact}`;
  return openProvider(await loadProvider(name), env, {
    ...(sandboxUrl === '' ? {} : { sandboxUrl }),
    tools: ({ timeoutMs }): ProviderTools => ({
      userAgent,
      tokens: new RedisTokenStore({ redis, provider: name, processId }),
      fetch: (url, init, signal) => fetchApi(url, { ...init, timeoutMs, provider: name }, signal),
    }),
  });
}

/** The gate of a provider, and how many requests of this process may be under way there as long as it works. */
export interface OpenGate {
  readonly gate: ProviderGate;
  readonly inFlight: InFlightLimit;
}

export function openGate({ name, limits }: OpenProvider, deps: AskingDeps): OpenGate {
  const { prefetchCount, onLocalFallback, redis, processId, maxWaitMs, memory, log } = deps;
  const { count, windowMs } = limits.rate;
  const inFlight = new InFlightLimit(
    prefetchCount > 0 ? prefetchCount : limits.maxInFlight,
    windowMs / count,
  );
  const gate = new ProviderGate({
    provider: name,
    redis,
    processId,
    rate: limits.rate,
    dailyBudget: limits.dailyBudget,
    leaseMs: limits.timeoutMs + LEASE_MARGIN_MS,
    get maxInFlight() {
      return inFlight.current;
    },
    maxWaitMs,
    memory,
    log,
    ...(onLocalFallback && {
      onLocalFallback: () => {
        onLocalFallback(name);
      },
    }),
  });
  return { gate, inFlight };
}
