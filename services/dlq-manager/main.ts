/** Watches the dead-letter queues and keeps their index right. What people do with dead letters is `enrich dlq`. */
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Desk, openDesk } from '../../shared/dead-letters/desk.ts';
import { openHealthServer } from '../../shared/observability/health-server.ts';
import type { Log } from '../../shared/observability/log.ts';
import { openLogger } from '../../shared/observability/logger.ts';
import { type Metrics, openMetrics } from '../../shared/observability/metrics.ts';
import { ConfigError } from '../../shared/runtime/environment.ts';
import { type Lifecycle, openLifecycle } from '../../shared/runtime/lifecycle.ts';
import { VERSION } from '../../shared/runtime/version.ts';
import { type Config, loadConfig } from './config.ts';
import { IndexWatch } from './index-watch.ts';

const SERVICE = 'enrichment-dlq-manager';

async function run(): Promise<void> {
  const config = loadConfig();
  const fields = { service: SERVICE, version: VERSION };
  const log = openLogger({ level: config.logLevel, format: config.logFormat, fields });
  const lifecycle = openLifecycle({
    graceMs: config.graceSeconds * 1_000,
    onProblem: (message, error) => {
      log.error(message, error === undefined ? {} : { error: (error as Error).message });
    },
  });
  const { rabbitmqUrl, databaseUrl } = config;
  const desk = await openDesk({ rabbitmqUrl, databaseUrl, actor: `${SERVICE}@${hostname()}`, log });
  lifecycle.onStop('broker and database', () => desk.close());
  const metrics = openMetrics({ version: VERSION, service: SERVICE });
  const state = { isRight: false };
  const health = await openHealthServer({
    host: config.healthHost,
    port: config.healthPort,
    registry: metrics.registry,
    health: () => ({ ok: true, details: {} }),
    readiness: () => ({ ok: state.isRight, details: { lastCheck: state.isRight ? 'ok' : 'failed' } }),
  });
  lifecycle.onStop('health server', () => health.close());
  log.info(`${SERVICE} is up`, { health: health.url, pid: process.pid });
  const watching = watch({ desk, metrics, config, lifecycle, log }, state);
  lifecycle.onStop('watch', () => watching);
  await lifecycle.stopped;
}

interface WatchDeps {
  readonly desk: Desk;
  readonly metrics: Metrics;
  readonly config: Config;
  readonly lifecycle: Lifecycle;
  readonly log: Log;
}

/** Until the process stops. A server that is away is waited for. */
async function watch(
  { desk, metrics, config, lifecycle, log }: WatchDeps,
  state: { isRight: boolean },
): Promise<void> {
  const signal = lifecycle.stopping;
  const index = new IndexWatch({ desk, metrics, keepDays: config.keepDays, signal });
  while (!signal.aborted) {
    try {
      await index.check();
      state.isRight = true;
    } catch (error) {
      state.isRight = false;
      log.error('dead letters cannot be checked', { error: (error as Error).message });
    }
    await delay(config.checkSeconds * 1_000, undefined, { signal }).catch(() => undefined);
  }
}

run().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`dlq-manager: ${(error as Error).message}\n`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  },
);
