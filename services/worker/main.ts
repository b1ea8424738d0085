/** The worker: entry stages and provider stages of the lanes that it is told to serve. */
import { hostname } from 'node:os';
import { openLogger } from '../../shared/observability/logger.ts';
import { openHealthServer } from '../../shared/observability/health-server.ts';
import { ConfigError, currentEnvironment } from '../../shared/runtime/environment.ts';
import { openLifecycle } from '../../shared/runtime/lifecycle.ts';
import { VERSION } from '../../shared/runtime/version.ts';
import { loadConfig } from './config.ts';
import { checkAllSettings } from './check-all-settings.ts';
import { openWorker } from './worker.ts';

async function run(): Promise<void> {
  await checkAllSettings(currentEnvironment());
  const config = loadConfig();
  const service = config.lanes.includes('priority') ? 'enrichment-worker' : 'enrichment-backlog-worker';
  const log = openLogger({
    level: config.logLevel,
    format: config.logFormat,
    fields: { service, version: VERSION },
  });
  const lifecycle = openLifecycle({
    graceMs: config.graceSeconds * 1_000,
    onProblem: (message, error) => {
      log.error(message, error === undefined ? {} : { error: (error as Error).message });
    },
  });
  const processId = `${service}@${hostname()}#${process.pid}`;
  const worker = await openWorker({ config, env: currentEnvironment(), log, lifecycle, processId, service });
  const health = await openHealthServer({
    host: config.healthHost,
    port: config.healthPort,
    registry: worker.metrics.registry,
    health: worker.health,
    readiness: worker.readiness,
  });
  lifecycle.onStop('health server', () => health.close());
  worker.start();
  log.info(`${service} is up`, { lanes: config.lanes.join(','), health: health.url, pid: process.pid });
  await lifecycle.stopped;
  log.info(`${service} stopped`);
}

run().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`worker: ${(error as Error).message}\n`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  },
);
