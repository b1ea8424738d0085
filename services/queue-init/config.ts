import { type Environment, integer, readSettings, type Settings } from '../../shared/runtime/environment.ts';
import { queueTypeSetting, serverSettings } from '../../shared/runtime/settings.ts';

export const settings = {
  rabbitmqUrl: serverSettings.rabbitmqUrl,
  managementUrl: serverSettings.managementUrl,
  queueType: queueTypeSetting,
  waitSeconds: integer('QUEUE_INIT_WAIT_SECONDS', {
    doc: 'How long queue-init waits for the broker to come up.',
    default: '60',
    min: 1,
    max: 3_600,
  }),
};

export type Config = Settings<typeof settings>;

export const loadConfig = (env?: Environment): Config => readSettings(settings, env);
