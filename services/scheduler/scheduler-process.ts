import { configuredProviders } from '../../shared/controls/configured-providers.ts';
import type { HealthReport } from '../../shared/observability/health-server.ts';
import type { Log } from '../../shared/observability/log.ts';
import { type Metrics, openMetrics } from '../../shared/observability/metrics.ts';
import { openPool } from '../../shared/postgres/pool.ts';
import { ConfirmPublisher } from '../../shared/rabbitmq/confirm-publisher.ts';
import { Connection } from '../../shared/rabbitmq/connection.ts';
import { openRedis } from '../../shared/redis/redis-client.ts';
import { currentEnvironment } from '../../shared/runtime/environment.ts';
import type { Lifecycle } from '../../shared/runtime/lifecycle.ts';
import { VERSION } from '../../shared/runtime/version.ts';
import type { Config } from './config.ts';
import { deliverWebhooks } from './deliver-webhooks.ts';
import { exportGauges } from './export-gauges.ts';
import { Relay } from './relay.ts';
import { Scheduler } from './scheduler.ts';
import { allSchedules } from './schedules.ts';
import { stopJobs } from './stop-jobs.ts';

export const SERVICE = 'enrichment-scheduler';

export interface SchedulerProcess {
  readonly metrics: Metrics;
  readonly readiness: () => HealthReport;
  start(): void;
}

export interface SchedulerProcessOptions {
  readonly config: Config;
  readonly log: Log;
  readonly lifecycle: Lifecycle;
  readonly processId: string;
}

/** The relay feeds four jobs side by side; the rest is done beside it. */
const POOL_SIZE = 6;
const PUBLISH_WINDOW = 1_000;

/** Opens everything it needs, in order, and registers how it is closed. Does nothing before `start`. */
export async function openSchedulerProcess(options: SchedulerProcessOptions): Promise<SchedulerProcess> {
  const { config, log, lifecycle, processId } = options;
  const { stopping } = lifecycle;
  const metrics = openMetrics({ version: VERSION, service: SERVICE });
  const { pool, redis, connection, looking } = openServers(options);
  const relay = openRelay(options, { pool, connection, metrics });
  const scheduler = new Scheduler({
    schedules: allSchedules({ config, pool, log, redis, looking }),
    pool,
    metrics,
    log,
    holder: processId,
    stopping,
  });
  // Rates of providers that no worker serves: those that do say theirs themselves.
  const configured = await configuredProviders(currentEnvironment(), '');
  let running: Promise<unknown> = Promise.resolve();
  lifecycle.onStop('what runs', async () => {
    await running;
  });
  return {
    metrics,
    readiness: () => ({
      ok: relay.isAble && scheduler.isAble && !stopping.aborted,
      details: { feeding: relay.isAble, schedules: scheduler.isAble, stopping: stopping.aborted },
    }),
    start: () => {
      running = Promise.all([
        relay.run(),
        scheduler.run(),
        stopJobs({ pool, redis, log, stopping }),
        deliverWebhooks({
          pool,
          metrics,
          log,
          stopping,
          policy: config.webhookTargets,
          rate: config.webhookRate,
        }),
        exportGauges({
          pool,
          redis,
          connection: looking,
          metrics,
          configured,
          log,
          holder: processId,
          stopping,
        }),
      ]);
    },
  };
}

/** Registers how each is closed. `looking` only looks: while the broker blocks it stops the other one, which publishes. */
function openServers({ config, log, lifecycle, processId }: SchedulerProcessOptions) {
  const pool = openPool({ url: config.databaseUrl, max: POOL_SIZE, applicationName: SERVICE });
  lifecycle.onStop('Postgres', () => pool.end());
  const redis = openRedis({ url: config.redisUrl, name: processId, log });
  lifecycle.onStop('Redis', () => {
    redis.disconnect();
  });
  const connection = new Connection({ url: config.rabbitmqUrl, name: `${processId}#publish`, log }).start();
  lifecycle.onStop('RabbitMQ', () => connection.close());
  const looking = new Connection({ url: config.rabbitmqUrl, name: `${processId}#look`, log }).start();
  lifecycle.onStop('RabbitMQ (look)', () => looking.close());
  return { pool, redis, connection, looking };
}

function openRelay(
  { config, log, lifecycle }: SchedulerProcessOptions,
  {
    pool,
    connection,
    metrics,
  }: Pick<ReturnType<typeof openServers>, 'pool' | 'connection'> & { metrics: Metrics },
): Relay {
  const { stopping } = lifecycle;
  const publisher = new ConfirmPublisher({
    connection,
    log,
    window: PUBLISH_WINDOW,
    onOutcome: (queue, outcome) => {
      metrics.of.tasksPublished(queue, outcome).inc();
    },
  });
  lifecycle.onStop('publisher', () => publisher.close());
  return new Relay({
    pool,
    connection,
    publisher,
    metrics,
    log,
    stopping,
    ahead: config.feedAhead,
    headStart: config.headStart,
  });
}
