import {
  readSettings,
  secret,
  url,
  type Environment,
  type Settings,
} from '../../shared/runtime/environment.ts';
import {
  providerSettingsShared,
  queueTypeSetting,
  serverSettings,
  tracingSettings,
} from '../../shared/runtime/settings.ts';

export const settings = {
  rabbitmqUrl: serverSettings.rabbitmqUrl,
  redisUrl: serverSettings.redisUrl,
  databaseUrl: serverSettings.databaseUrl,
  managementUrl: serverSettings.managementUrl,
  queueType: queueTypeSetting,
  ...providerSettingsShared,
  ...tracingSettings,
  apiUrl: url('ENRICHMENT_API_URL', {
    doc: 'Where `enrich submit` and `enrich jobs` find the HTTP API.',
    default: 'http://127.0.0.1:8080',
  }),
  apiKey: secret('ENRICHMENT_API_KEY', {
    doc: 'API key that `enrich submit` and `enrich jobs` show; empty = none, for an API in open mode.',
  }),
};

export type Config = Settings<typeof settings>;

export const loadConfig = (env?: Environment): Config => readSettings(settings, env);
