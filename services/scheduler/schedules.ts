/** Everything that is done again and again. */
import { hostname } from 'node:os';
import type { Log } from '../../shared/observability/log.ts';
import { pipelines } from '../../shared/pipelines/registry.ts';
import { eraseHiddenJobs, expireJobs, expireUploads } from '../../shared/postgres/jobs/expire-jobs.ts';
import type { Pool } from '../../shared/postgres/pool.ts';
import { forgetRuns } from '../../shared/postgres/schedules.ts';
import { queueProgress } from '../../shared/postgres/webhooks/claim-deliveries.ts';
import { forgetDeliveries } from '../../shared/postgres/webhooks/deliveries.ts';
import type { RowWish } from '../../shared/postgres/submitted-rows.ts';
import type { Connection } from '../../shared/rabbitmq/connection.ts';
import { TaskPublisher } from '../../shared/rabbitmq/task-publisher.ts';
import type { Redis } from '../../shared/redis/redis-client.ts';
import { outgoingRows } from '../../shared/refresh/outgoing-rows.ts';
import { refreshRows } from '../../shared/refresh/refresh-rows.ts';
import type { Fields } from '../../shared/task/fields.ts';
import type { Config } from './config.ts';
import { reconcileSchedule } from './reconcile-schedule.ts';
import { retrySchedule } from './retry-schedule.ts';
import type { Schedule } from './scheduler.ts';

export interface SchedulesDeps {
  readonly config: Config;
  readonly pool: Pool;
  /** Of its own: while the broker blocks it stops publishers, not those who look. */
  readonly looking: Connection;
  readonly redis: Redis;
  readonly log: Log;
}

const DAY_MS = 86_400_000;
const KEEP_RUNS_DAYS = 30;
const KEEP_DELIVERIES_DAYS = 30;
/** Less than the minute between two turns: one that comes a little early is not left out. */
const PROGRESS_SECONDS = 50;
/** An upload that broke off may be resumed for so long. */
const KEEP_UPLOADS_HOURS = 1;

export const allSchedules = (deps: SchedulesDeps): readonly Schedule[] => [
  reconcileSchedule({ ...deps, connection: deps.looking }),
  retrySchedule({ ...deps, ...deps.config }),
  {
    name: 'clean-up',
    cron: deps.config.cleanUpCron,
    run: (signal) => cleanUp(deps, signal),
  },
  {
    name: 'progress',
    cron: '* * * * *',
    run: async () => ({ queued: await queueProgress(deps.pool, PROGRESS_SECONDS) }),
  },
  {
    name: 'refresh-partial',
    cron: deps.config.refreshPartialCron,
    run: (signal) => refresh(deps, { partial: true }, signal),
  },
  {
    name: 'refresh-stale',
    cron: deps.config.refreshStaleCron,
    run: (signal) => {
      const olderThan = Date.now() - deps.config.refreshAfterDays * DAY_MS;
      return refresh(deps, { olderThan }, signal);
    },
  },
];

async function cleanUp({ config, pool }: SchedulesDeps, signal: AbortSignal): Promise<Fields> {
  const expired = await expireJobs(pool, { hours: config.keepHours, last: config.keepLast });
  const uploads = await expireUploads(pool, KEEP_UPLOADS_HOURS);
  await forgetRuns(pool, KEEP_RUNS_DAYS);
  await forgetDeliveries(pool, KEEP_DELIVERIES_DAYS);
  return { expired, uploads, erased: await eraseHiddenJobs(pool, signal) };
}

async function refresh(
  { config, pool, log }: SchedulesDeps,
  wish: RowWish,
  signal: AbortSignal,
): Promise<Fields> {
  const published: Record<string, number> = {};
  for (const pipeline of pipelines) {
    const rows = outgoingRows(pool, {
      pipeline,
      wish,
      limit: config.refreshLimit,
      now: Date.now(),
    });
    const publisher = new TaskPublisher({
      url: config.rabbitmqUrl,
      name: `enrichment-scheduler@${hostname()}#refresh`,
      log,
    });
    published[pipeline.name] = (await refreshRows(rows, { publisher, signal })).published;
  }
  return published;
}
