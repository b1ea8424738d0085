/** The life of a process that works until it is told to stop: settings, log, health server, shutdown, exit code. */
import { hostname } from 'node:os';
import { type HealthReport, openHealthServer } from '../observability/health-server.ts';
import type { Log, LogFields } from '../observability/log.ts';
import { type LoggerOptions, openLogger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { startTracing } from '../observability/tracing.ts';
import { ConfigError } from '../runtime/environment.ts';
import { type Lifecycle, openLifecycle } from '../runtime/lifecycle.ts';
import { VERSION } from '../runtime/version.ts';

/** What every service reads: `logSettings`, `tracingSettings`, `healthSettings` and `graceSetting`. */
export interface ServiceConfig {
  readonly logLevel: LoggerOptions['level'];
  readonly logFormat: LoggerOptions['format'];
  readonly tracesEndpoint: string;
  readonly tracesHeaders: string;
  readonly healthHost: string;
  readonly healthPort: number;
  readonly graceSeconds: number;
}

export interface ServiceContext<Config> {
  readonly config: Config;
  readonly service: string;
  readonly log: Log;
  readonly lifecycle: Lifecycle;
  /** Tells it from its replicas, for people: two containers may have the same one. */
  readonly processId: string;
}

export interface OpenedService {
  readonly metrics: Pick<Metrics, 'registry'>;
  /** Absent = it is alive as long as it answers. */
  readonly health?: () => HealthReport;
  readonly readiness: () => HealthReport;
  /** Called when probes are answered; nothing is begun before. */
  readonly start?: () => void;
  /** For the line that says that it is up. */
  readonly facts?: LogFields;
}

export interface ServiceSpec<Config extends ServiceConfig> {
  /** Name of its folder, for what goes wrong before there is a log. */
  readonly folder: string;
  readonly serviceOf: (config: Config) => string;
  /** Throws ConfigError. */
  readonly load: () => Config | Promise<Config>;
  /** Registers with the lifecycle how whatever it opens is closed. */
  readonly open: (context: ServiceContext<Config>) => Promise<OpenedService>;
}

/** Ends the process: exit code 0 = told to stop and done, 1 = it could not start, 2 = bad configuration. */
export function runService<Config extends ServiceConfig>(spec: ServiceSpec<Config>): void {
  run(spec).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${spec.folder}: ${(error as Error).message}\n`);
      process.exit(error instanceof ConfigError ? 2 : 1);
    },
  );
}

async function run<Config extends ServiceConfig>({
  load,
  serviceOf,
  open,
}: ServiceSpec<Config>): Promise<void> {
  const config = await load();
  const service = serviceOf(config);
  const fields = { service, version: VERSION };
  const log = openLogger({ level: config.logLevel, format: config.logFormat, fields });
  const lifecycle = openLifecycle({
    graceMs: config.graceSeconds * 1_000,
    onProblem: (message, error) => {
      log.error(message, error === undefined ? {} : { error: (error as Error).message });
    },
  });
  const processId = `${service}@${hostname()}#${process.pid}`;
  lifecycle.onStop('tracing', await startTracing(config, { service, version: VERSION, processId, log }));
  const { metrics, health, readiness, start, facts } = await open({
    config,
    service,
    log,
    lifecycle,
    processId,
  });
  const probes = await openHealthServer({
    host: config.healthHost,
    port: config.healthPort,
    registry: metrics.registry,
    health: health ?? (() => ({ ok: true, details: {} })),
    readiness,
  });
  lifecycle.onStop('health server', () => probes.close());
  start?.();
  log.info(`${service} is up`, { ...facts, health: probes.url, pid: process.pid });
  await lifecycle.stopped;
  log.info(`${service} stopped`);
}
