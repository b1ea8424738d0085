import {
  type Environment,
  integer,
  rate,
  readSettings,
  type Settings,
  text,
} from '../../shared/runtime/environment.ts';
import {
  graceSetting,
  healthSettings,
  logSettings,
  serverSettings,
  tracingSettings,
  webhookTargetsSetting,
} from '../../shared/runtime/settings.ts';

export const settings = {
  rabbitmqUrl: serverSettings.rabbitmqUrl,
  redisUrl: serverSettings.redisUrl,
  databaseUrl: serverSettings.databaseUrl,
  ...logSettings,
  ...tracingSettings,
  ...healthSettings,
  graceSeconds: graceSetting,
  feedAhead: integer('JOBS_FEED_AHEAD', {
    doc: 'Tasks of jobs that are in the broker ahead of the workers, for each pipeline and lane.',
    default: '2000',
    min: 100,
    max: 20_000,
  }),
  headStart: integer('JOBS_HEAD_START', {
    doc: 'Tasks that an owner may have there whatever others have, before those of larger jobs.',
    default: '100',
    min: 1,
    max: 1_000,
  }),
  keepHours: integer('JOBS_KEEP_HOURS', {
    doc: 'How long a finished job with its tasks can be seen; what was enriched stays for good.',
    default: '168',
    min: 1,
    max: 87_600,
  }),
  keepLast: integer('JOBS_KEEP_LAST', {
    doc: 'Finished jobs of each owner that are kept although their time is over.',
    default: '100',
    min: 0,
    max: 100_000,
  }),
  webhookTargets: webhookTargetsSetting,
  webhookRate: rate('WEBHOOK_RATE_LIMIT', {
    doc: 'Webhooks that one process sends to one endpoint.',
    default: '10/s',
  }),
  refreshLimit: integer('REFRESH_LIMIT', {
    doc: 'Most entities of a pipeline that one scheduled refresh has looked up again.',
    default: '1000',
    min: 1,
    max: 1_000_000,
  }),
  refreshAfterDays: integer('REFRESH_AFTER_DAYS', {
    doc: 'Age from which a scheduled refresh takes an entity for stale.',
    default: '30',
    min: 1,
    max: 3_650,
  }),
  refreshPartialCron: text('SCHEDULE_REFRESH_PARTIAL', {
    doc: 'When entities that lack a provider are looked up again: a cron expression in UTC, or off.',
    default: '17 3 * * *',
  }),
  refreshStaleCron: text('SCHEDULE_REFRESH_STALE', {
    doc: 'When stale entities are looked up again: a cron expression in UTC, or off.',
    default: '47 3 * * *',
  }),
  cleanUpCron: text('SCHEDULE_CLEAN_UP', {
    doc: 'When finished jobs expire and deleted ones are erased: a cron expression in UTC.',
    default: '*/5 * * * *',
  }),
};

export type Config = Settings<typeof settings>;

export const loadConfig = (env?: Environment): Config => readSettings(settings, env);
