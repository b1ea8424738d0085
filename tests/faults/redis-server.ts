import { Redis } from 'ioredis';

/** One connection for one piece of work: the server may have been killed since the last. */
export async function withRedis<T>(url: string, run: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: 2 });
  redis.on('error', () => undefined);
  try {
    return await run(redis);
  } finally {
    redis.disconnect();
  }
}

export async function flushRedis(url: string): Promise<void> {
  await withRedis(url, (redis) => redis.flushall());
}
