/** Everything that look-ups for somebody to look at need. It writes nothing to Postgres. */
import { type AskingDeps, openAsked, openGate } from '../../../shared/asking/open-asked.ts';
import { type Inspection, type Inspector, inspect, NO_RESPONSES } from '../../../shared/asking/inspect.ts';
import type { Controls } from '../../../shared/controls/controls.ts';
import { openMetrics } from '../../../shared/observability/metrics.ts';
import type { Pipeline } from '../../../shared/pipelines/pipeline.ts';
import { findProviderState } from '../../../shared/postgres/provider-state.ts';
import { listProviders } from '../../../shared/providers/registry.ts';
import { ResponseCache } from '../../../shared/redis/response-cache.ts';
import { currentEnvironment } from '../../../shared/runtime/environment.ts';
import { VERSION } from '../../../shared/runtime/version.ts';
import type { Supplements } from '../../../shared/task/supplement.ts';
import type { Config } from '../config.ts';
import { createStderrLog } from '../stderr-log.ts';

export interface InspectionDesk {
  /** Providers that can be asked from here. */
  readonly known: readonly string[];
  readonly supplements: Supplements;
  /** The others, with the settings that would turn them on. */
  readonly off: ReadonlyMap<string, readonly string[]>;
  inspect(provider: string, pipeline: Pipeline, query: unknown): Promise<Inspection>;
  close(): Promise<void>;
}

export interface InspectionDeskOptions {
  readonly config: Config;
  /** False = every request is made, whatever the response cache holds. */
  readonly readsCache: boolean;
  readonly signal: AbortSignal;
}

/** Somebody waits at the terminal: a gate that is closed for longer sends the look-up away. */
const MAX_WAIT_MS = 10_000;
const RESPONSE_TTL_SECONDS = 3_600;

/** Throws ConfigError. Close it before the controls. */
export async function openInspectionDesk(
  { pool, redis, actor }: Controls,
  { config, readsCache, signal }: InspectionDeskOptions,
): Promise<InspectionDesk> {
  const asking: AskingDeps = {
    ...config,
    env: currentEnvironment(),
    version: VERSION,
    processId: `enrich@${actor}#${process.pid}`,
    redis,
    // Read when Redis forgot the gate, never saved: looking changes nothing.
    memory: { load: (provider) => findProviderState(pool, provider), save: () => Promise.resolve() },
    log: createStderrLog(process.stderr),
    prefetchCount: 1,
    maxWaitMs: { priority: MAX_WAIT_MS, backlog: MAX_WAIT_MS },
  };
  const metrics = openMetrics({ version: VERSION, service: 'enrich' });
  const inspectors = new Map<string, Inspector>();
  const off = new Map<string, readonly string[]>();
  for (const name of listProviders()) {
    const opened = await openAsked(name, asking);
    if (opened.mode === 'off') off.set(name, opened.missing);
    else {
      const ttlSeconds = Math.min(RESPONSE_TTL_SECONDS, opened.limits.ttl.maxSeconds);
      const responses = readsCache ? new ResponseCache({ redis, ttlSeconds }) : NO_RESPONSES;
      inspectors.set(name, { opened, ...openGate(opened, asking), responses, metrics, signal });
    }
  }
  return {
    known: [...inspectors.keys()],
    supplements: supplementsOf([...inspectors.values()]),
    off,
    inspect: (provider, pipeline, query) => {
      const inspector = inspectors.get(provider);
      if (inspector === undefined) throw new Error(`provider '${provider}' cannot be asked from here`);
      return inspect(inspector, pipeline, query);
    },
    close: async () => {
      await Promise.all([...inspectors.values()].map(({ gate }) => gate.close()));
    },
  };
}

const supplementsOf = (inspectors: readonly Inspector[]): Supplements =>
  new Map(
    inspectors.flatMap(({ opened: { definition } }) =>
      definition.supplement === undefined ? [] : [[definition.name, definition.supplement] as const],
    ),
  );
