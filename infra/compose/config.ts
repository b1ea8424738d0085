/** What docker compose reads from .env; the files repeat the defaults, but for the first three, which compose itself reads. */
import { choice, integer, text } from '../../shared/runtime/environment.ts';

const port = (key: string, options: { doc: string; default: string }): ReturnType<typeof integer> =>
  integer(key, { ...options, min: 1, max: 65_535 });

export const settings = {
  files: text('COMPOSE_FILE', {
    doc: 'Files that docker compose reads. A machine for workers alone names docker-compose.workers.yml.',
    default: 'docker-compose.yml:docker-compose.workers.yml',
  }),
  fileSeparator: choice('COMPOSE_PATH_SEPARATOR', {
    doc: 'What stands between them, on Windows too.',
    default: ':',
    of: [':', ';'],
  }),
  profiles: text('COMPOSE_PROFILES', {
    doc: 'What runs beside the pipeline: monitoring (metrics is the same without Grafana), demo (the provider sandbox).',
    default: 'monitoring',
  }),
  version: text('ENRICHMENT_VERSION', {
    doc: 'Tag of the image: what runs, and what a rollback goes back to.',
    default: 'latest',
  }),
  workers: integer('ENRICHMENT_WORKERS', {
    doc: 'Containers of enrichment-worker, which serve both lanes.',
    default: '3',
    min: 0,
    max: 1_000,
  }),
  backlogWorkers: integer('ENRICHMENT_BACKLOG_WORKERS', {
    doc: 'Containers of enrichment-backlog-worker, which serve the backlog alone.',
    default: '1',
    min: 0,
    max: 1_000,
  }),
  secretsDirectory: text('ENRICHMENT_SECRETS_DIR', {
    doc: 'Folder of the secrets that infra/compose/prepare.sh makes.',
    default: './.secrets',
  }),
  environmentFile: text('ENRICHMENT_ENV_FILE', {
    doc: 'File whose settings the containers get.',
    default: '.env',
  }),
  brokerPort: port('RABBITMQ_PORT', { doc: 'AMQP on this machine, for publishers.', default: '5672' }),
  managementPort: port('RABBITMQ_MANAGEMENT_PORT', {
    doc: 'Management UI of RabbitMQ on this machine.',
    default: '15673',
  }),
  serversAddress: text('ENRICHMENT_SERVERS_ADDRESS', {
    doc: 'Address of this machine on which infra/compose/published-servers.yml publishes the servers.',
    default: '',
  }),
  redisPort: port('REDIS_PORT', { doc: 'Redis on that address.', default: '6379' }),
  databasePort: port('DATABASE_PORT', { doc: 'Postgres, by its pool, on that address.', default: '5432' }),
  prometheusPort: port('PROMETHEUS_PORT', { doc: 'Prometheus on this machine.', default: '9091' }),
  retention: text('PROMETHEUS_RETENTION', {
    doc: 'How long Prometheus keeps what it measured.',
    default: '15d',
  }),
  grafanaPort: port('GRAFANA_PORT', { doc: 'Grafana on this machine.', default: '3001' }),
};
