/** Settings that several processes share. Each process lists the ones it reads. */
import { choice, decimal, integer, secret, text, url } from './environment.ts';

const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;

/** Servers. The defaults are those of a machine on which all of them run with the demo's names. */
export const serverSettings = {
  rabbitmqUrl: url('RABBITMQ_URL', {
    doc: 'RabbitMQ, with user, password and virtual host. In production give it as a file.',
    default: 'amqp://guest:guest@127.0.0.1:5672',
    protocols: ['amqp:', 'amqps:'],
    secret: true,
  }),
  redisUrl: url('REDIS_URL', {
    doc: 'Redis: caches, gates and leases.',
    default: 'redis://127.0.0.1:6379/0',
    protocols: ['redis:', 'rediss:'],
    secret: true,
  }),
  databaseUrl: url('DATABASE_URL', {
    doc: 'Postgres, directly or through pgbouncer in transaction mode.',
    default: 'postgres://musicdb_user@127.0.0.1:5432/musicdb',
    protocols: ['postgres:', 'postgresql:'],
    secret: true,
  }),
  managementUrl: url('RABBITMQ_MANAGEMENT_URL', {
    doc: 'RabbitMQ management API, with user and password; empty = not used. It makes drifts and depths readable.',
    default: '',
    secret: true,
  }),
};

export const queueTypeSetting = choice('ENRICHMENT_QUEUE_TYPE', {
  doc: 'Type of the work queues: classic keeps ten priority levels, quorum survives the loss of a node.',
  default: 'classic',
  of: ['classic', 'quorum'],
});

export const logSettings = {
  logLevel: choice('LOG_LEVEL', {
    doc: 'Least severe line that is logged.',
    default: 'info',
    of: LOG_LEVELS,
  }),
  logFormat: choice('LOG_FORMAT', {
    doc: 'json for machines, pretty for people, auto = pretty at a terminal.',
    default: 'auto',
    of: ['auto', 'json', 'pretty'],
  }),
};

export const tracingSettings = {
  tracesEndpoint: url('OTEL_EXPORTER_OTLP_ENDPOINT', {
    doc: 'Receiver of traces (OTLP over HTTP, such as http://127.0.0.1:4318); empty = no tracing. See docs/tracing.md.',
    default: '',
  }),
  tracesHeaders: secret('OTEL_EXPORTER_OTLP_HEADERS', {
    doc: 'Sent to it with every batch, as name=value,name=value: its key, for one.',
  }),
};

export const healthSettings = {
  healthHost: text('HEALTH_HOST', {
    doc: 'Address of /healthz, /readyz and /metrics.',
    default: '127.0.0.1',
  }),
  healthPort: integer('HEALTH_PORT', {
    doc: 'Port of /healthz, /readyz and /metrics; 0 = any free one.',
    default: '9464',
    min: 0,
    max: 65_535,
  }),
};

export const graceSetting = decimal('SHUTDOWN_GRACE_SECONDS', {
  doc: 'How long a process may take to finish what it holds after SIGTERM.',
  default: '25',
  min: 1,
  max: 3_600,
});

export const providerSettingsShared = {
  sandboxUrl: url('PROVIDER_SANDBOX_URL', {
    doc: 'Provider sandbox. When set, providers without credentials (and those that need none) speak to it; empty = live only.',
    default: '',
  }),
  contact: text('ENRICHMENT_CONTACT', {
    doc: 'Address or URL of who runs this, sent to providers in the User-Agent: MusicBrainz refuses anonymous clients.',
    default: '',
  }),
};

export const webhookTargetsSetting = choice('WEBHOOK_TARGETS', {
  doc: 'public = webhooks go to public addresses by HTTPS on port 443 or 8443; any = also by HTTP, to other ports and to private addresses: for one machine alone.',
  default: 'public',
  of: ['public', 'any'],
});
