import { pipelines } from '../../shared/pipelines/registry.ts';
import {
  choice,
  integer,
  list,
  readSettings,
  type Environment,
  type Settings,
} from '../../shared/runtime/environment.ts';
import {
  graceSetting,
  healthSettings,
  logSettings,
  providerSettingsShared,
  serverSettings,
  tracingSettings,
} from '../../shared/runtime/settings.ts';
import { LANES, type Lane } from '../../shared/task/task.ts';

const PIPELINE_NAMES = pipelines.map(({ name }) => name);

export const settings = {
  rabbitmqUrl: serverSettings.rabbitmqUrl,
  redisUrl: serverSettings.redisUrl,
  databaseUrl: serverSettings.databaseUrl,
  ...logSettings,
  ...tracingSettings,
  ...healthSettings,
  ...providerSettingsShared,
  graceSeconds: graceSetting,
  lanes: list('ENRICHMENT_LANES', {
    doc: 'Lanes that this worker serves: enrichment-worker both, enrichment-backlog-worker the backlog alone.',
    default: LANES.join(','),
    of: LANES,
  }),
  pipelines: list('ENRICHMENT_PIPELINES', {
    doc: 'Pipelines whose entry stages this worker serves.',
    default: PIPELINE_NAMES.join(','),
    of: PIPELINE_NAMES,
  }),
  entryPrefetch: integer('ENRICHMENT_ENTRY_PREFETCH', {
    doc: 'Deliveries held by an entry stage. It makes no requests: a few hundred keep its batches full.',
    default: '500',
    min: 1,
    max: 2_000,
  }),
  prefetchCount: integer('ENRICHMENT_PREFETCH_COUNT', {
    doc: 'Most requests in flight per provider in this process; 0 = what the provider allows (<NAME>_MAX_IN_FLIGHT).',
    default: '0',
    min: 0,
    max: 1_000,
  }),
  writeBatch: integer('ENRICHMENT_WRITE_BATCH', {
    doc: 'Most results of one commit.',
    default: '200',
    min: 1,
    max: 1_000,
  }),
  poolSize: integer('DATABASE_POOL_SIZE', {
    doc: 'Connections to Postgres; up to two write, one is for what comes beside it.',
    default: '3',
    min: 1,
    max: 50,
  }),
  maxWaitPriority: integer('ENRICHMENT_MAX_WAIT_PRIORITY_SECONDS', {
    doc: 'A provider that is closed for longer is passed over for tasks of the priority lane that others can answer.',
    default: '900',
    min: 60,
    max: 2_592_000,
  }),
  maxWaitBacklog: integer('ENRICHMENT_MAX_WAIT_BACKLOG_SECONDS', {
    doc: 'The same for tasks of the backlog lane.',
    default: '86400',
    min: 60,
    max: 2_592_000,
  }),
  resultEvents: choice('ENRICHMENT_RESULT_EVENTS', {
    doc: 'on = each settled task is told to the exchange enrichment.results; a task is acknowledged once that is confirmed.',
    default: 'off',
    of: ['off', 'on'],
  }),
  staleSeconds: integer('ENRICHMENT_STALE_SECONDS', {
    doc: 'How long an answer is given after its time, while a new one is asked for in the backlog; the terms of a provider may allow less. 0 = not at all.',
    default: '86400',
    min: 0,
    max: 2_592_000,
  }),
  responseTtlSeconds: integer('RESPONSE_CACHE_TTL_SECONDS', {
    doc: 'How long the response of a single request is kept; answers have their own times, per provider.',
    default: '86400',
    min: 1,
    max: 2_592_000,
  }),
};

export type Config = Settings<typeof settings>;

export const loadConfig = (env?: Environment): Config => readSettings(settings, env);

/** How long a closed gate is waited for, by lane. */
export const maxWaitMs = (config: Config): Readonly<Record<Lane, number>> => ({
  priority: config.maxWaitPriority * 1_000,
  backlog: config.maxWaitBacklog * 1_000,
});
