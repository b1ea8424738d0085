import { ConfigError, readSettings, type Environment } from '../../shared/runtime/environment.ts';
import { externalSettings } from './config.ts';
import type { StackUrls } from './state.ts';

/** The servers that the environment names. Throws ConfigError naming every address that is missing or wrong. */
export function externalUrls(env: Environment): StackUrls {
  const urls = readSettings(externalSettings, env);
  if (urls.RABBITMQ_URL === '' || urls.REDIS_URL === '' || urls.DATABASE_URL === '') {
    throw new ConfigError(['RABBITMQ_URL, REDIS_URL, DATABASE_URL: none may be empty']);
  }
  return {
    ...urls,
    RABBITMQ_MANAGEMENT_URL: urls.RABBITMQ_MANAGEMENT_URL || managementOf(urls.RABBITMQ_URL),
  };
}

function managementOf(brokerUrl: string): string {
  const { protocol, username, password, hostname } = new URL(brokerUrl);
  const login = username === '' ? '' : `${username}:${password}@`;
  const [scheme, port] = protocol === 'amqps:' ? ['https', 15_671] : ['http', 15_672];
  return `${scheme}://${login}${hostname}:${port}`;
}
