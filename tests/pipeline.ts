/** The whole path in one process: broker, cache and database of the file's own, the sandbox, and workers. */
import { setMaxListeners } from 'node:events';
import { connect, type Channel, type ConfirmChannel } from 'amqplib';
import { Pool } from 'pg';
import { loadConfig } from '../services/worker/config.ts';
import { openWorker, type Worker } from '../services/worker/worker.ts';
import { SANDBOX_SETTINGS } from '../services/provider-sandbox/config.ts';
import { loadCatalogue, startSandbox } from '../services/provider-sandbox/sandbox.ts';
import { SILENT } from '../shared/observability/log.ts';
import { pipelines } from '../shared/pipelines/registry.ts';
import { listProviders, loadProvider } from '../shared/providers/registry.ts';
import { declareTopology } from '../shared/rabbitmq/declare.ts';
import { type QueueType, topologyOf } from '../shared/rabbitmq/topology.ts';
import { type Environment, readSettings } from '../shared/runtime/environment.ts';
import type { Lifecycle } from '../shared/runtime/lifecycle.ts';
import { MESSAGE_VERSION } from '../shared/task/message.ts';
import { openTestDatabase, openTestRedis, openTestVhost } from './harness.ts';

const catalogue = loadCatalogue();

/** A worker whose process is the test: it stops when it is told, not by a signal. */
export interface TestWorker extends Worker {
  /** Resolves when everything has stopped; what is still under way is cut off after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

export interface ProviderFigures {
  readonly requests: number;
  readonly violations: number;
  readonly before_retry_after: number;
}

export interface TestPipeline {
  readonly channel: ConfirmChannel;
  readonly db: Pool;
  readonly env: Environment;
  /** `messageVersion`: what a worker of another release writes. */
  openWorker(env?: Environment, messageVersion?: number): Promise<TestWorker>;
  /** To the default exchange, as foreign scrapers do it. */
  send(queue: string, ...messages: readonly (object | Buffer)[]): Promise<void>;
  control(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<unknown>;
  figures(provider: string): Promise<ProviderFigures>;
  depth(queue: string): Promise<number>;
  take(queue: string): ReturnType<Channel['get']>;
  close(): Promise<void>;
}

/** Everything but workers. Limits and latencies of the sandbox are 50 times faster than the real ones. */
export async function openTestPipeline(queueType: QueueType = 'classic'): Promise<TestPipeline> {
  const [database, vhost, redis] = await Promise.all([openTestDatabase(), openTestVhost(), openTestRedis()]);
  const sandbox = await startSandbox(readSettings(SANDBOX_SETTINGS, SANDBOX_ENV), catalogue);
  const connection = await connect(vhost.url);
  const prefixes = pipelines.map(({ prefix }) => prefix);
  await declareTopology(
    connection,
    topologyOf({ prefixes, providers: listProviders(), queueType }),
    async () => undefined,
  );
  const channel = await connection.createConfirmChannel();
  const db = new Pool({ connectionString: database.url, max: 2 });
  const workers = new Set<TestWorker>();
  const env = {
    ...WORKER_ENV,
    RABBITMQ_URL: vhost.url,
    REDIS_URL: redis.url,
    DATABASE_URL: database.url,
    PROVIDER_SANDBOX_URL: sandbox.url,
  };
  const control: TestPipeline['control'] = async (method, path, body) => {
    const response = await fetch(`${sandbox.url}/_control${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    channel,
    db,
    env,
    control,
    openWorker: async (more = {}, messageVersion = MESSAGE_VERSION) => {
      const worker = await startWorker({ ...env, ...more }, messageVersion);
      workers.add(worker);
      return worker;
    },
    send: async (queue, ...messages) => {
      for (const message of messages) {
        channel.sendToQueue(
          queue,
          Buffer.isBuffer(message) ? message : Buffer.from(JSON.stringify(message)),
          { persistent: true },
        );
      }
      await channel.waitForConfirms();
    },
    figures: async (provider) => {
      const { providers } = (await control('GET', '/stats')) as {
        providers: Record<string, ProviderFigures>;
      };
      const found = providers[provider];
      if (found === undefined) throw new Error(`no provider '${provider}'`);
      return found;
    },
    depth: async (queue) => (await channel.checkQueue(queue)).messageCount,
    take: (queue) => channel.get(queue, { noAck: true }),
    close: async () => {
      await Promise.all([...workers].map((worker) => worker.stop()));
      await Promise.all([sandbox.close(), db.end(), connection.close()]);
      await Promise.all([database.close(), vhost.close(), redis.close()]);
    },
  };
}

const SPEED = 50;
const SANDBOX_ENV = {
  PROVIDER_SANDBOX_PORT: '0',
  PROVIDER_SANDBOX_SPEED: String(SPEED),
  PROVIDER_SANDBOX_LATENCY: '0.02',
};

const WORKER_ENV: Record<string, string> = { LOG_LEVEL: 'error' };
// One after the other: the test runner cannot link modules that two imports share at the same time.
for (const name of listProviders()) {
  const { rate } = (await loadProvider(name)).limits;
  const [count, window] = rate.split('/');
  WORKER_ENV[`${name.toUpperCase()}_RATE_LIMIT`] = `${Number(count) * SPEED}/${window ?? ''}`;
  WORKER_ENV[`${name.toUpperCase()}_MAX_IN_FLIGHT`] = '20';
}

let processes = 0;

async function startWorker(env: Environment, messageVersion: number): Promise<TestWorker> {
  const { lifecycle, stop } = testLifecycle();
  const processId = `test-worker-${processes++}`;
  const worker = await openWorker({
    config: loadConfig(env),
    env,
    log: SILENT,
    lifecycle,
    processId,
    service: 'test-worker',
    messageVersion,
  });
  worker.start();
  return { ...worker, stop };
}

/** The life of a process without its signals. */
export function testLifecycle(): { lifecycle: Lifecycle; stop: (graceMs?: number) => Promise<void> } {
  const [stopping, cutOff] = [new AbortController(), new AbortController()];
  for (const { signal } of [stopping, cutOff]) setMaxListeners(0, signal);
  const stops: (() => Promise<void> | void)[] = [];
  let stopped: Promise<void> | undefined;
  const runAll = async (graceMs: number): Promise<void> => {
    stopping.abort(new Error('the test is over'));
    const timer = setTimeout(() => {
      cutOff.abort(new Error('the grace period is over'));
    }, graceMs);
    for (const stop of stops.reverse()) await stop();
    clearTimeout(timer);
  };
  return {
    stop: (graceMs = 5_000) => (stopped ??= runAll(graceMs)),
    lifecycle: {
      stopping: stopping.signal,
      cutOff: cutOff.signal,
      stopped: Promise.resolve(),
      stop: () => undefined,
      onStop: (_, stop) => {
        stops.push(stop);
      },
    },
  };
}
