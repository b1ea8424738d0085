/** Watches the dead-letter queues and keeps their index right. What people do with dead letters is `enrich dlq`. */
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { openDesk } from '../../shared/dead-letters/desk.ts';
import type { Log } from '../../shared/observability/log.ts';
import { openMetrics } from '../../shared/observability/metrics.ts';
import { VERSION } from '../../shared/runtime/version.ts';
import { type OpenedService, runService, type ServiceContext } from '../../shared/service/run-service.ts';
import { type Config, loadConfig } from './config.ts';
import { IndexWatch } from './index-watch.ts';

const SERVICE = 'enrichment-dlq-manager';

runService({ folder: 'dlq-manager', serviceOf: () => SERVICE, load: () => loadConfig(), open });

async function open({ config, log, lifecycle }: ServiceContext<Config>): Promise<OpenedService> {
  const { rabbitmqUrl, databaseUrl, keepDays, checkSeconds } = config;
  const desk = await openDesk({ rabbitmqUrl, databaseUrl, actor: `${SERVICE}@${hostname()}`, log });
  lifecycle.onStop('broker and database', () => desk.close());
  const metrics = openMetrics({ version: VERSION, service: SERVICE });
  const signal = lifecycle.stopping;
  const state = { isRight: false };
  return {
    metrics,
    readiness: () => ({ ok: state.isRight, details: { lastCheck: state.isRight ? 'ok' : 'failed' } }),
    start: () => {
      const index = new IndexWatch({ desk, metrics, keepDays, signal });
      const watching = watch(index, state, { everyMs: checkSeconds * 1_000, signal, log });
      lifecycle.onStop('watch', () => watching);
    },
  };
}

interface WatchOptions {
  readonly everyMs: number;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Until the process stops. A server that is away is waited for. */
async function watch(
  index: IndexWatch,
  state: { isRight: boolean },
  { everyMs, signal, log }: WatchOptions,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await index.check();
      state.isRight = true;
    } catch (error) {
      state.isRight = false;
      log.error('dead letters cannot be checked', { error: (error as Error).message });
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
