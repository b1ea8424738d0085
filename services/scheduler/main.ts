/** The scheduler: feeds the tasks of jobs to the broker, stops jobs, and runs what is due. As many as you like. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { openHealthServer } from '../../shared/observability/health-server.ts';
import { openLogger } from '../../shared/observability/logger.ts';
import { ConfigError } from '../../shared/runtime/environment.ts';
import { openLifecycle } from '../../shared/runtime/lifecycle.ts';
import { VERSION } from '../../shared/runtime/version.ts';
import { loadConfig } from './config.ts';
import { openSchedulerProcess, SERVICE } from './scheduler-process.ts';

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
  const processId = `${SERVICE}@${hostname()}#${process.pid}#${randomUUID().slice(0, 8)}`;
  const scheduler = await openSchedulerProcess({ config, log, lifecycle, processId });
  const health = await openHealthServer({
    host: config.healthHost,
    port: config.healthPort,
    registry: scheduler.metrics.registry,
    health: () => ({ ok: true, details: {} }),
    readiness: scheduler.readiness,
  });
  lifecycle.onStop('health server', () => health.close());
  scheduler.start();
  log.info(`${SERVICE} is up`, { health: health.url, pid: process.pid });
  await lifecycle.stopped;
  log.info(`${SERVICE} stopped`);
}

run().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`scheduler: ${(error as Error).message}\n`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  },
);
