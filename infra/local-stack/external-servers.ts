import { ConfigError, readSettings, url, type Environment } from '../../shared/runtime/environment.ts';
import type { StackUrls } from './state.ts';

const settings = {
  RABBITMQ_URL: url('RABBITMQ_URL', {
    doc: 'Broker, with login and virtual host.',
    protocols: ['amqp:', 'amqps:'],
    secret: true,
  }),
  REDIS_URL: url('REDIS_URL', {
    doc: 'Redis, with the number of the database.',
    protocols: ['redis:', 'rediss:'],
    secret: true,
  }),
  DATABASE_URL: url('DATABASE_URL', {
    doc: 'PostgreSQL, with login and database.',
    protocols: ['postgres:', 'postgresql:'],
    secret: true,
  }),
  RABBITMQ_MANAGEMENT_URL: url('RABBITMQ_MANAGEMENT_URL', {
    doc: "Management API of the broker, with login; empty = port 15672 of the broker's host with its login.",
    default: '',
    secret: true,
  }),
};

/** The servers that the environment names. Throws ConfigError naming every address that is missing or wrong. */
export function externalUrls(env: Environment): StackUrls {
  const urls = readSettings(settings, env);
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
