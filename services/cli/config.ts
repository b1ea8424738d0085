import { readSettings, type Environment, type Settings } from '../../shared/runtime/environment.ts';
import { providerSettingsShared, serverSettings } from '../../shared/runtime/settings.ts';

export const settings = {
  rabbitmqUrl: serverSettings.rabbitmqUrl,
  redisUrl: serverSettings.redisUrl,
  databaseUrl: serverSettings.databaseUrl,
  ...providerSettingsShared,
};

export type Config = Settings<typeof settings>;

export const loadConfig = (env?: Environment): Config => readSettings(settings, env);
