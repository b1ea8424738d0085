import { type Environment, integer, readSettings, type Settings } from '../../shared/runtime/environment.ts';
import {
  graceSetting,
  healthSettings,
  logSettings,
  serverSettings,
  tracingSettings,
} from '../../shared/runtime/settings.ts';

export const settings = {
  rabbitmqUrl: serverSettings.rabbitmqUrl,
  databaseUrl: serverSettings.databaseUrl,
  ...logSettings,
  ...tracingSettings,
  ...healthSettings,
  graceSeconds: graceSetting,
  checkSeconds: integer('DLQ_CHECK_SECONDS', {
    doc: 'How often dlq-manager compares the dead-letter queues with their index.',
    default: '30',
    min: 1,
    max: 3_600,
  }),
  keepDays: integer('DLQ_INDEX_KEEP_DAYS', {
    doc: 'How long the index remembers dead letters that are in no queue any more (replayed, discarded, edited …).',
    default: '30',
    min: 1,
    max: 3_650,
  }),
};

export type Config = Settings<typeof settings>;

export const loadConfig = (env?: Environment): Config => readSettings(settings, env);
