/** One process of the HTTP API: what it needs, in the order in which it is opened; closed in reverse. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { KeyRing } from '../../shared/access/key-ring.ts';
import { configuredProviders } from '../../shared/controls/configured-providers.ts';
import { ReplayRunner } from '../../shared/dead-letters/replay-runner.ts';
import type { HealthReport } from '../../shared/observability/health-server.ts';
import type { Log } from '../../shared/observability/log.ts';
import { type Metrics, openMetrics } from '../../shared/observability/metrics.ts';
import { openPool, type Pool } from '../../shared/postgres/pool.ts';
import { configuredRates } from '../../shared/providers/configured-rates.ts';
import { findJobs } from '../../shared/postgres/jobs/watch-jobs.ts';
import { ConfirmPublisher } from '../../shared/rabbitmq/confirm-publisher.ts';
import { Connection } from '../../shared/rabbitmq/connection.ts';
import { openRedis, redisReady } from '../../shared/redis/redis-client.ts';
import { AnswerCache } from '../../shared/redis/answer-cache.ts';
import { openJobNews } from '../../shared/redis/job-news.ts';
import { RequestLimiter } from '../../shared/redis/request-limiter.ts';
import type { Environment } from '../../shared/runtime/environment.ts';
import type { Lifecycle } from '../../shared/runtime/lifecycle.ts';
import { VERSION } from '../../shared/runtime/version.ts';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { createIdentify } from './http/identify.ts';
import { createAdmit, createBar } from './http/limit-requests.ts';
import type { Gatekeepers } from './http/mount-routes.ts';
import { createEta } from './jobs/job-eta.ts';
import { JobReader } from './jobs/job-reader.ts';
import { JobWatch } from './jobs/job-watch.ts';
import { serveWebSockets } from './jobs/web-sockets.ts';
import { deskOf, type Resources } from './resources.ts';
import { allRoutes } from './routes/all-routes.ts';

export const SERVICE = 'enrichment-api';

export interface ServiceOptions {
  readonly config: Config;
  readonly env: Environment;
  readonly log: Log;
  readonly lifecycle: Lifecycle;
  readonly processId: string;
  readonly onUndocumented?: Gatekeepers['onUndocumented'];
}

export interface Service {
  /** Without a slash at the end. */
  readonly url: string;
  readonly metrics: Metrics;
  readonly health: () => HealthReport;
  readonly readiness: () => HealthReport;
}

const REDIS_WAIT_MS = 2_000;
/** How long it may take to send the head of a request, and its whole body: a million rows over a slow line. */
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 3_600_000;

/** Listens when it resolves. Broker, Redis and database may be away: what needs them says so until they are back. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { config, log, lifecycle } = options;
  const resources = await openResources(options);
  const gates: Gatekeepers = {
    ...openGates(resources, config),
    stopping: lifecycle.stopping,
    ...(options.onUndocumented && { onUndocumented: options.onUndocumented }),
  };
  const { metrics } = resources;
  const { trustedProxies } = config;
  const server = createServer(
    createApp({ routes: allRoutes(resources), gates, log, metrics, trustedProxies }),
  );
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  serveWebSockets(server, { resources, identify: gates.identify, stopping: lifecycle.stopping });
  await listen(server, config);
  lifecycle.onStop('HTTP', () => drain(server));
  const { port } = server.address() as AddressInfo;
  const state = watchServers(resources, lifecycle);
  return {
    url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
    metrics,
    health: () => ({ ok: true, details: {} }),
    readiness: () => {
      const details = {
        ...state,
        rabbitmq: resources.consuming.isOpen,
        stopping: lifecycle.stopping.aborted,
      };
      return { ok: details.postgres && !details.stopping, details };
    },
  };
}

async function openResources({ config, env, log, lifecycle, processId }: ServiceOptions): Promise<Resources> {
  const metrics = openMetrics({ version: VERSION, service: SERVICE });
  const pool = openPool({ url: config.databaseUrl, max: config.poolSize, applicationName: processId });
  lifecycle.onStop('Postgres', () => pool.end());
  const redis = openRedis({ url: config.redisUrl, name: processId, log });
  lifecycle.onStop('Redis', () => {
    redis.disconnect();
  });
  await redisReady(redis, REDIS_WAIT_MS);
  const { rabbitmqUrl: url } = config;
  const consuming = new Connection({ url, name: `${processId}#consume`, log }).start();
  lifecycle.onStop('RabbitMQ (consume)', () => consuming.close());
  const publishing = new Connection({ url, name: `${processId}#publish`, log }).start();
  lifecycle.onStop('RabbitMQ (publish)', () => publishing.close());
  const publisher = new ConfirmPublisher({ connection: publishing, log });
  lifecycle.onStop('publisher', () => publisher.close());
  const configured = await configuredProviders(env, config.sandboxUrl);
  const shared = { pool, consuming, publisher, log };
  const { stopping } = lifecycle;
  const deskFor = (actor: string) => deskOf(shared, actor, `${actor} ${randomUUID()}`);
  const replays = new ReplayRunner({ pool, deskFor, log, stopping });
  replays.start();
  lifecycle.onStop('replays', () => replays.stopped());
  const watch = openWatch({ config, log, lifecycle, processId }, pool);
  const eta = createEta({ pool, redis, connection: consuming, configured });
  const { rates, costs } = await configuredRates(env);
  const answers = new AnswerCache({ redis });
  const jobReader = new JobReader((jobIds) => findJobs(pool, jobIds));
  const more = { replays, watch, jobReader, eta, rates, costs, answers, limits: config };
  const { webhookTargets } = config;
  return { ...shared, ...more, webhookTargets, redis, configured, metrics };
}

function openWatch({ config, log, lifecycle, processId }: Omit<ServiceOptions, 'env'>, pool: Pool): JobWatch {
  const watch = new JobWatch({ pool, log });
  const news = openJobNews({
    url: config.redisUrl,
    name: `${processId}#news`,
    log,
    news: 'moved',
    onNews: (jobIds) => {
      watch.heard(jobIds);
    },
  });
  lifecycle.onStop('job watch', async () => {
    news.close();
    await watch.close();
  });
  return watch;
}

function openGates({ pool, redis }: Resources, config: Config): Pick<Gatekeepers, 'identify' | 'admit'> {
  const limiter = (name: string, rate: Config['requestRate']): RequestLimiter =>
    new RequestLimiter({ redis, name, rate });
  const bar = createBar(limiter('failure', config.failureRate));
  return {
    identify: createIdentify({ keys: new KeyRing(pool), isOpen: config.access === 'open', ...bar }),
    admit: createAdmit(limiter('key', config.requestRate)),
  };
}

const ASK_EVERY_MS = 5_000;

/** Whether Postgres answers, asked now and then: a probe of a readiness that asks itself would cost a connection each. */
function watchServers(
  { pool, redis, metrics }: Resources,
  lifecycle: Lifecycle,
): { postgres: boolean; redis: boolean } {
  const state = { postgres: true, redis: redis.status === 'ready' };
  const ask = async (): Promise<void> => {
    state.redis = redis.status === 'ready';
    metrics.poolConnections.set({ state: 'total' }, pool.totalCount);
    metrics.poolConnections.set({ state: 'idle' }, pool.idleCount);
    metrics.poolConnections.set({ state: 'waiting' }, pool.waitingCount);
    state.postgres = await pool.query('select 1').then(
      () => true,
      () => false,
    );
  };
  const timer = setInterval(() => void ask(), ASK_EVERY_MS);
  lifecycle.onStop('server watch', () => {
    clearInterval(timer);
  });
  return state;
}

function listen(server: Server, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Nothing new is taken, what is under way is answered; streams end by the signal. */
function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });
}
