import {
  choice,
  ConfigError,
  type Environment,
  integer,
  rate,
  readSettings,
  type Settings,
  text,
} from '../../shared/runtime/environment.ts';
import {
  graceSetting,
  healthSettings,
  logSettings,
  providerSettingsShared,
  serverSettings,
  webhookTargetsSetting,
  tracingSettings,
} from '../../shared/runtime/settings.ts';

export const settings = {
  ...serverSettings,
  ...logSettings,
  ...tracingSettings,
  ...healthSettings,
  ...providerSettingsShared,
  graceSeconds: graceSetting,
  host: text('API_HOST', { doc: 'Address of the HTTP API.', default: '127.0.0.1' }),
  port: integer('API_PORT', {
    doc: 'Port of the HTTP API; 0 = any free one.',
    default: '8080',
    min: 0,
    max: 65_535,
  }),
  access: choice('API_ACCESS', {
    doc: 'keys = every request shows an API key; open = none is needed, which is refused unless API_HOST is loopback.',
    default: 'keys',
    of: ['keys', 'open'],
  }),
  trustedProxies: integer('API_TRUSTED_PROXIES', {
    doc: 'Proxies in front of the API whose X-Forwarded-For is believed: exactly as many as there are.',
    default: '0',
    min: 0,
    max: 10,
  }),
  requestRate: rate('API_RATE_LIMIT', {
    doc: 'Requests of one API key, over all replicas.',
    default: '600/10s',
  }),
  failureRate: rate('API_FAILURE_LIMIT', {
    doc: 'Requests of one address without a valid key, before it has to wait.',
    default: '30/1m',
  }),
  maxRunningJobs: integer('API_MAX_RUNNING_JOBS', {
    doc: 'Jobs of one owner that have not ended, unless its key says otherwise.',
    default: '20',
    min: 1,
    max: 100_000,
  }),
  maxRows: integer('API_MAX_WAITING_ROWS', {
    doc: 'Rows of one owner that are not settled, unless its key says otherwise.',
    default: '2000000',
    min: 1,
    max: 100_000_000,
  }),
  maxJobRows: integer('API_MAX_JOB_ROWS', {
    doc: 'Rows of one job.',
    default: '1000000',
    min: 1,
    max: 10_000_000,
  }),
  maxUnfed: integer('API_MAX_UNFED_TASKS', {
    doc: 'Tasks of everybody that wait in the database for the broker before submissions are sent away with 503.',
    default: '5000000',
    min: 1,
    max: 100_000_000,
  }),
  maxUploadBytes: integer('API_MAX_UPLOAD_BYTES', {
    doc: 'Bytes of an uploaded file.',
    default: '1000000000',
    min: 1_000,
    max: 100_000_000_000,
  }),
  maxStreams: integer('API_MAX_STREAMS', {
    doc: 'Clients that watch jobs at one process.',
    default: '2000',
    min: 1,
    max: 100_000,
  }),
  webhookTargets: webhookTargetsSetting,
  poolSize: integer('API_DATABASE_POOL_SIZE', {
    doc: 'Connections to Postgres of one process of the HTTP API.',
    default: '8',
    min: 2,
    max: 50,
  }),
};

export type Config = Settings<typeof settings>;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** Throws ConfigError, also for an open service that others could reach. */
export function loadConfig(env?: Environment): Config {
  const config = readSettings(settings, env);
  if (config.access === 'open' && !LOOPBACK.test(config.host)) {
    throw new ConfigError([
      `API_ACCESS: open would let everybody in who reaches API_HOST '${config.host}'; set API_HOST=127.0.0.1 or API_ACCESS=keys`,
    ]);
  }
  return config;
}
