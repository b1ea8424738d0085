/**
 * Servers for integration tests: every file opens its own database, virtual host and Redis and closes them in afterAll, so that
 * files run side by side and leave nothing behind.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';

import { manage } from './management-api.ts';
import { databaseUrl, dropDatabase, runAlone } from './template-database.ts';
import { testServers } from './test-servers.ts';

const unique = (): string => `test_${process.pid}_${randomBytes(4).toString('hex')}`;

export interface TestDatabase {
  readonly url: string;
  /** Drops the database, whoever is still connected to it. */
  close(): Promise<void>;
}

/** A migrated, empty database of the file's own; about 50 ms. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const { DATABASE_URL, TEST_TEMPLATE_DATABASE } = testServers();
  const name = unique();
  await runAlone(DATABASE_URL, `CREATE DATABASE ${name} TEMPLATE ${TEST_TEMPLATE_DATABASE}`);
  return {
    url: databaseUrl(DATABASE_URL, name),
    close: async () => {
      await dropDatabase(DATABASE_URL, name);
    },
  };
}

export interface TestVhost {
  readonly url: string;
  readonly vhost: string;
  /** The management API of the whole broker, with its login. */
  readonly managementUrl: string;
  /** Deletes the virtual host with all queues and cuts what is still connected to it. */
  close(): Promise<void>;
}

/** An empty virtual host of the file's own, in which the broker's user may do everything. */
export async function openTestVhost(): Promise<TestVhost> {
  const { RABBITMQ_URL, RABBITMQ_MANAGEMENT_URL: managementUrl } = testServers();
  const vhost = unique();
  const url = new URL(RABBITMQ_URL);
  url.pathname = `/${vhost}`;
  const all = { configure: '.*', write: '.*', read: '.*' };
  await manage(managementUrl, { method: 'PUT', path: `/api/vhosts/${vhost}` });
  const permissions = `/api/permissions/${vhost}/${url.username}`;
  await manage(managementUrl, { method: 'PUT', path: permissions, body: all });
  return {
    url: url.href,
    vhost,
    managementUrl,
    close: async () => {
      await manage(managementUrl, { method: 'DELETE', path: `/api/vhosts/${vhost}` });
    },
  };
}

export interface TestRedis {
  readonly url: string;
  /** Begin every key and every channel with it: channels know no databases. */
  readonly prefix: string;
  /** Removes everything that was written. */
  close(): Promise<void>;
}

/**
 * An empty Redis of the file's own: on the tests' server a whole database, which may be flushed; on an external one the keys
 * of the prefix, and nothing else may be touched.
 */
export async function openTestRedis(): Promise<TestRedis> {
  const { REDIS_URL, TEST_STACK } = testServers();
  const prefix = `${unique()}:`;
  if (TEST_STACK === 'external') {
    return {
      url: REDIS_URL,
      prefix,
      close: () => withRedis(REDIS_URL, (redis) => removeKeys(redis, prefix)),
    };
  }
  const url = new URL(REDIS_URL);
  const [count, databases] = await withRedis(REDIS_URL, async (redis) => {
    const [, setting] = (await redis.config('GET', 'databases')) as [string, string];
    return [await redis.incr('test-databases'), Number(setting)];
  });
  // Database 0 holds the count.
  url.pathname = `/${1 + (count % (databases - 1))}`;
  const flush = async (): Promise<void> => {
    await withRedis(url.href, (redis) => redis.flushdb());
  };
  await flush();
  return { url: url.href, prefix, close: flush };
}

async function removeKeys(redis: Redis, prefix: string): Promise<void> {
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 500 }) as AsyncIterable<string[]>) {
    if (keys.length > 0) await redis.del(keys);
  }
}

async function withRedis<T>(url: string, run: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    return await run(redis);
  } finally {
    redis.disconnect();
  }
}

/**
 * Runs the assertion until it passes, and fails with its last error when it has not within the time. For what other processes do
 * and nothing announces; what announces itself is to be awaited.
 */
export async function eventually<T>(
  assertion: () => T | Promise<T>,
  { timeoutMs = 10_000 }: { timeoutMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (true) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await wait(25);
  }
}
