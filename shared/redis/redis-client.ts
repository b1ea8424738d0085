/** Connections to Redis that never hold a task up: a command that is not answered in 300 ms has failed. */
import { Redis } from 'ioredis';
import type { Log } from '../observability/log.ts';

export type { Redis };

const COMMAND_TIMEOUT_MS = 300;
const MAX_RECONNECT_DELAY_MS = 2_000;

export interface RedisOptions {
  readonly url: string;
  readonly name: string;
  readonly log: Log;
  /** Default 300; longer for who holds no task up by waiting. */
  readonly commandTimeoutMs?: number;
}

/**
 * Returns at once and connects in the background, again and again. While there is no connection every command fails
 * immediately: nothing queues up in memory, and each user of Redis has its own way to go on without it.
 */
export function openRedis({ url, name, log, commandTimeoutMs = COMMAND_TIMEOUT_MS }: RedisOptions): Redis {
  const redis = new Redis(url, {
    connectionName: name,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2_000,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    retryStrategy: (times) => Math.min(MAX_RECONNECT_DELAY_MS, 50 * 2 ** Math.min(times, 10)),
  });
  let isDown = false;
  redis.on('error', (error: Error) => {
    if (!isDown) log.warn('Redis is not reachable', { error: error.message });
    isDown = true;
  });
  redis.on('ready', () => {
    if (isDown) log.info('Redis is back');
    isDown = false;
  });
  return redis;
}

/** Resolves when the connection is usable, or after the time has passed: going on without Redis is always possible. */
export async function redisReady(redis: Redis, timeoutMs: number): Promise<boolean> {
  if (redis.status === 'ready') return true;
  return new Promise((resolve) => {
    const done = (isReady: boolean): void => {
      clearTimeout(timer);
      redis.off('ready', onReady);
      resolve(isReady);
    };
    const onReady = (): void => {
      done(true);
    };
    const timer = setTimeout(() => {
      done(false);
    }, timeoutMs);
    redis.once('ready', onReady);
  });
}
