/** What everybody needs who tells the running system what to do: its stores, and a name to be known by. */
import type { Log } from '../observability/log.ts';
import { openPool, type Pool } from '../postgres/pool.ts';
import { openRedis, redisReady, type Redis } from '../redis/redis-client.ts';

export interface Controls {
  readonly pool: Pool;
  readonly redis: Redis;
  /** For the audit log. */
  readonly actor: string;
  close(): Promise<void>;
}

export interface ControlsOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly actor: string;
  readonly log: Log;
}

/** Thrown when a server that is needed does not answer: try again when it does. */
export class ServersUnavailable extends Error {
  override readonly name = 'ServersUnavailable';
}

const REDIS_WAIT_MS = 3_000;

/** Resolves when both can be used. Rejects with ServersUnavailable. */
export async function openControls({
  databaseUrl,
  redisUrl,
  actor,
  log,
}: ControlsOptions): Promise<Controls> {
  const pool = openPool({ url: databaseUrl, max: 2, applicationName: 'enrich' });
  const redis = openRedis({ url: redisUrl, name: `enrich@${actor}`, log });
  const close = async (): Promise<void> => {
    redis.disconnect();
    await pool.end();
  };
  try {
    const [isReady] = await Promise.all([redisReady(redis, REDIS_WAIT_MS), pool.query('select 1')]);
    if (isReady) return { pool, redis, actor, close };
  } catch (error) {
    await close();
    throw new ServersUnavailable(`Postgres cannot be used: ${(error as Error).message}`, { cause: error });
  }
  await close();
  throw new ServersUnavailable('Redis cannot be used');
}
