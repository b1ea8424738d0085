import { choice, url } from '../../shared/runtime/environment.ts';

export const settings = {
  stack: choice('ENRICHMENT_STACK', {
    of: ['auto', 'external', 'docker', 'private'],
    default: 'auto',
    doc: 'Servers of the local stack: `external` uses those that the environment names, `docker` and `private` allow one kind only.',
  }),
};

/** Read with ENRICHMENT_STACK=external alone: servers of somebody else's have no usual addresses. */
export const externalSettings = {
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
