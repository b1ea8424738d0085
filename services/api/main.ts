/** The HTTP API. */
import { hostname } from 'node:os';
import { openHealthServer } from '../../shared/observability/health-server.ts';
import { openLogger } from '../../shared/observability/logger.ts';
import { ConfigError, currentEnvironment } from '../../shared/runtime/environment.ts';
import { openLifecycle } from '../../shared/runtime/lifecycle.ts';
import { VERSION } from '../../shared/runtime/version.ts';
import { loadConfig } from './config.ts';
import { openService, SERVICE } from './service.ts';

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
  const processId = `${SERVICE}@${hostname()}#${process.pid}`;
  const service = await openService({ config, env: currentEnvironment(), log, lifecycle, processId });
  const health = await openHealthServer({
    host: config.healthHost,
    port: config.healthPort,
    registry: service.metrics.registry,
    health: service.health,
    readiness: service.readiness,
  });
  lifecycle.onStop('health server', () => health.close());
  log.info(`${SERVICE} is up`, {
    url: service.url,
    health: health.url,
    access: config.access,
    pid: process.pid,
  });
  if (config.access === 'open') log.warn('API_ACCESS=open: whoever is on this machine may do everything');
  await lifecycle.stopped;
  log.info(`${SERVICE} stopped`);
}

run().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`api: ${(error as Error).message}\n`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  },
);
