/** What a Redis says about itself, and whether this login may do what the pipeline does. */
import { randomUUID } from 'node:crypto';
import { type Log, SILENT } from '../observability/log.ts';
import { exporterLeaseKey, probeKey } from './keys.ts';
import { openRedis, redisReady, type Redis } from './redis-client.ts';

export interface RedisFacts {
  readonly version: string;
  /** Of the server's clock less that of this machine, in milliseconds; known to half of `roundTripMs`. */
  readonly skewMs: number;
  readonly roundTripMs: number;
  /** Empty = not told. */
  readonly evictionPolicy: string;
  readonly usedBytes: number;
  /** 0 = no limit. */
  readonly maxBytes: number;
  readonly evictedKeys: number;
  readonly isReplica: boolean;
  /** In the server's words: what of writing, scripts and channels it refuses; empty = nothing. */
  readonly refusals: readonly string[];
  /** Whether a scheduler is at work. */
  readonly hasScheduler: boolean;
}

const WAIT_MS = 3_000;
const COMMAND_TIMEOUT_MS = 2_000;

/** Rejects with the reason when it cannot be used. Writes one key, which it removes and which expires by itself. */
export async function inspectRedis(url: string): Promise<RedisFacts> {
  let reason = 'no answer';
  const log: Log = {
    ...SILENT,
    warn: (_, fields) => {
      if (typeof fields?.['error'] === 'string') reason = fields['error'];
    },
  };
  const redis = openRedis({ url, name: 'enrich-doctor', log, commandTimeoutMs: COMMAND_TIMEOUT_MS });
  try {
    if (!(await redisReady(redis, WAIT_MS))) throw new Error(reason);
    return await factsOf(redis);
  } finally {
    redis.disconnect();
  }
}

async function factsOf(redis: Redis): Promise<RedisFacts> {
  const info = parseInfo(await redis.info());
  const [sentAt, startedAt] = [Date.now(), performance.now()];
  const [seconds = 0, micros = 0] = (await redis.time()).map(Number);
  const roundTripMs = performance.now() - startedAt;
  return {
    version: info.get('redis_version') ?? '',
    skewMs: seconds * 1_000 + micros / 1_000 - (sentAt + roundTripMs / 2),
    roundTripMs,
    evictionPolicy: info.get('maxmemory_policy') ?? '',
    usedBytes: Number(info.get('used_memory') ?? 0),
    maxBytes: Number(info.get('maxmemory') ?? 0),
    evictedKeys: Number(info.get('evicted_keys') ?? 0),
    isReplica: info.get('role') === 'slave',
    refusals: await refusalsOf(redis),
    hasScheduler: (await redis.exists(exporterLeaseKey()).catch(() => 0)) === 1,
  };
}

async function refusalsOf(redis: Redis): Promise<readonly string[]> {
  const key = probeKey(randomUUID());
  const tries = [
    () => redis.set(key, '1', 'PX', COMMAND_TIMEOUT_MS),
    () => redis.eval("return redis.call('GET', KEYS[1])", 1, key),
    // A channel that nobody listens to.
    () => redis.publish(key, ''),
    () => redis.del(key),
  ];
  const refusals: string[] = [];
  for (const attempt of tries)
    await attempt().catch((error: unknown) => refusals.push((error as Error).message));
  return refusals;
}

const parseInfo = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
    }),
  );
