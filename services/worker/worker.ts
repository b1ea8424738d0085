import type { Log } from '../../shared/observability/log.ts';
import { type Metrics, openMetrics } from '../../shared/observability/metrics.ts';
import type { HealthReport } from '../../shared/observability/health-server.ts';
import { reached } from '../../shared/observability/milestones.ts';
import { openPool, type Pool } from '../../shared/postgres/pool.ts';
import { ConfirmPublisher } from '../../shared/rabbitmq/confirm-publisher.ts';
import { Connection } from '../../shared/rabbitmq/connection.ts';
import { queueOfKey } from '../../shared/rabbitmq/topology.ts';
import { AnswerCache } from '../../shared/redis/answer-cache.ts';
import { openRedis, redisReady, type Redis } from '../../shared/redis/redis-client.ts';
import type { Environment } from '../../shared/runtime/environment.ts';
import type { Lifecycle } from '../../shared/runtime/lifecycle.ts';
import { VERSION } from '../../shared/runtime/version.ts';
import { encodeTask, MESSAGE_VERSION } from '../../shared/task/message.ts';
import { type Config, maxWaitMs } from './config.ts';
import type { Rejection } from './dead-letters.ts';
import { watchGates } from './gate-watch.ts';
import { startHeartbeat } from './heartbeat.ts';
import { watchLanes } from './lane-watch.ts';
import { initialiseSeries } from './initial-series.ts';
import { openProviders, pricesOf, servedChains, supplementsOf } from './open-providers.ts';
import { tellMovedJobs } from './moved-jobs.ts';
import { createResultEvents } from './result-events.ts';
import { ResultWriter, type ResultWriterDeps } from './result-writer.ts';
import { openStages } from './open-stages.ts';
import { Quarantine } from './quarantine.ts';
import type { Stage } from './stage.ts';
import { watchStoppedJobs } from './stopped-jobs.ts';
import { taskReport } from './task-report.ts';
import { revalidation } from './revalidation.ts';
import { TaskRouter } from './task-router.ts';
import type { Work } from './work.ts';
import { watchWorker } from './worker-health.ts';

export interface WorkerOptions {
  readonly config: Config;
  readonly env: Environment;
  readonly log: Log;
  readonly lifecycle: Lifecycle;
  readonly processId: string;
  readonly service: string;
  /** Of the messages that it writes: another one than this release's in tests of two releases at once. */
  readonly messageVersion?: number;
}

export interface Worker {
  readonly metrics: Metrics;
  readonly health: () => HealthReport;
  readonly readiness: () => HealthReport;
  start(): void;
}

/** Before Redis is known to be away: a worker that starts with it should not begin with misses. */
const REDIS_WAIT_MS = 2_000;

/** The second one takes the wait for the server out of the warm path; a third finds nothing to do. */
const MAX_WRITES = 2;

/** Opens everything a worker needs, in order, and registers how it is closed. Consumes nothing before `start`. */
export async function openWorker(options: WorkerOptions): Promise<Worker> {
  const { config, log, lifecycle, messageVersion = MESSAGE_VERSION } = options;
  const { stopping, cutOff } = lifecycle;
  const metrics = openMetrics({ version: VERSION, service: options.service });
  const { pool, redis } = await openStores(options);
  const publishing = openConnection('publish', metrics, options);
  const consuming = openConnection('consume', metrics, options);
  const publisher = openPublisher(publishing, metrics, options);
  const answers = openAnswers(redis, metrics);
  const isStopped = await watchStoppedJobs({ ...options, pool, redisUrl: config.redisUrl });
  const desks = await openProviders({
    ...options,
    isStopped,
    redis,
    pool,
    answers,
    metrics,
    version: VERSION,
    stopping,
    cutOff,
  });
  initialiseSeries(metrics, { lanes: config.lanes, providers: [...desks.keys()] });
  watchGates({ ...options, desks, redisUrl: config.redisUrl });
  const chain = servedChains(desks);
  const writer: ResultWriter = new ResultWriter({
    pool,
    metrics,
    log,
    maxBatch: config.writeBatch,
    // One connection stays for what comes beside the writing.
    maxWrites: Math.max(1, Math.min(MAX_WRITES, config.poolSize - 1)),
    prices: pricesOf(desks),
    ...tellResults(publishing, options),
    onJobsMoved: tellMovedJobs(redis),
    onWritten: taskReport({ log, metrics, desks }),
    onRefused: ({ work }, error) => void router.reject(work, refusalOf(work, error)),
    // More finished tasks would only be held, and attempts be spent on what waits anyway.
    onAvailable: (isAvailable) => {
      for (const { valve } of stages) valve[isAvailable ? 'open' : 'shut']('database');
    },
  });
  const onStale = revalidation({ redis, publisher, log });
  const asking = { chain, known: [...desks.keys()], supplements: supplementsOf(desks.values()), onStale };
  const common = { ...asking, messageVersion, metrics, log, stopping, isStopped };
  const router = new TaskRouter({ ...common, publisher, writer });
  const stageDeps = { ...common, connection: consuming, router, cache: answers };
  const stages = openStages(config, desks, stageDeps);
  const consumers = [...stages, new Quarantine({ ...stageDeps, desks, maxWaitMs: maxWaitMs(config) })];
  lifecycle.onStop('stages', () => drain(consumers, writer));
  await watchLanes({ stages, pool, log, lifecycle });
  startHeartbeat({ ...options, lanes: config.lanes, desks, stages, metrics, redis });
  return {
    ...watchWorker({ stages, writer, publishing, consuming, metrics, pool, stopping }),
    metrics,
    start: () => {
      for (const stage of consumers) stage.start();
    },
  };
}

const openAnswers = (redis: Redis, metrics: Metrics): AnswerCache =>
  new AnswerCache({
    redis,
    onError: () => {
      metrics.redisErrors.inc({ use: 'answer_cache' });
    },
  });

const refusalOf = ({ task }: Work, { message }: Error): Rejection => ({
  body: encodeTask(task),
  taskId: task.taskId,
  reason: 'refused_row',
  error: message,
});

/** Nothing new is taken, what is held is settled and written, then its acknowledgements go out. */
async function drain(consumers: readonly (Stage | Quarantine)[], writer: ResultWriter): Promise<void> {
  reached('draining');
  await Promise.all(consumers.map((stage) => stage.stop()));
  await writer.flush();
  await Promise.all(consumers.map(({ consumer }) => consumer.close()));
}

async function openStores({
  config,
  log,
  lifecycle,
  processId,
}: WorkerOptions): Promise<{ pool: Pool; redis: Redis }> {
  const pool = openPool({ url: config.databaseUrl, max: config.poolSize, applicationName: processId });
  lifecycle.onStop('Postgres', () => pool.end());
  const redis = openRedis({ url: config.redisUrl, name: processId, log });
  lifecycle.onStop('Redis', () => {
    redis.disconnect();
  });
  await redisReady(redis, REDIS_WAIT_MS);
  return { pool, redis };
}

function openPublisher(
  connection: Connection,
  metrics: Metrics,
  { log, lifecycle }: WorkerOptions,
): ConfirmPublisher {
  const publisher = new ConfirmPublisher({
    connection,
    log,
    onOutcome: (key, outcome) => {
      metrics.of.tasksPublished(queueOfKey(key), outcome).inc();
    },
  });
  lifecycle.onStop('publisher', () => publisher.close());
  return publisher;
}

function tellResults(
  connection: Connection,
  { config, log, lifecycle }: WorkerOptions,
): Pick<ResultWriterDeps, 'tell'> {
  if (config.resultEvents === 'off') return {};
  const publisher = new ConfirmPublisher({ connection, log });
  lifecycle.onStop('result events', () => publisher.close());
  return { tell: createResultEvents({ publisher, log }) };
}

function openConnection(
  role: 'publish' | 'consume',
  metrics: Metrics,
  { config, log, lifecycle, processId }: WorkerOptions,
): Connection {
  const connection = new Connection({ url: config.rabbitmqUrl, name: `${processId}#${role}`, log });
  connection.events.once('up', () => {
    connection.events.on('up', () => {
      metrics.of.brokerReconnects(role).inc();
    });
  });
  connection.start();
  lifecycle.onStop(`RabbitMQ (${role})`, () => connection.close());
  return connection;
}
