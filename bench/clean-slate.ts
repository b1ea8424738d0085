/** Between two runs on the same servers: what one left behind must not be work, or knowledge, of the next. */
import { laneQueue, providerPrefix } from '../shared/rabbitmq/topology.ts';
import { openRedis, redisReady } from '../shared/redis/redis-client.ts';
import { SILENT } from '../shared/observability/log.ts';
import { type Lane, LANES } from '../shared/task/task.ts';
import type { BenchSystem } from './bench-system.ts';

/** While no worker runs: empties every queue and Redis, forgets what Postgres knows of gates, and ends all faults. */
export async function cleanSlate(system: BenchSystem): Promise<void> {
  await system.control('POST', '/reset');
  const names = await askBroker<{ name: string }[]>(system, 'GET', '');
  for (const { name } of names) await askBroker(system, 'DELETE', `/${name}/contents`);
  const redis = openRedis({ url: system.urls.REDIS_URL, name: 'bench', log: SILENT });
  await redisReady(redis, 5_000);
  await redis.flushall();
  redis.disconnect();
  await system.db.query('delete from provider_state');
}

/** While no worker runs: what waits in one lane of the provider's stage is gone. */
export async function emptyLane(system: BenchSystem, provider: string, lane: Lane): Promise<void> {
  await askBroker(system, 'DELETE', `/${laneQueue(providerPrefix(provider), lane)}/contents`);
}

/** Messages that wait in the provider's stage, by the broker's own count, which lags by some seconds. */
export async function waitingAt(system: BenchSystem, provider: string): Promise<number> {
  const depths = await Promise.all(
    LANES.map((lane) => depthOf(system, laneQueue(providerPrefix(provider), lane))),
  );
  return depths.reduce((sum, one) => sum + one, 0);
}

async function depthOf(system: BenchSystem, queue: string): Promise<number> {
  const { messages = 0 } = await askBroker<{ messages?: number }>(system, 'GET', `/${queue}`);
  return messages;
}

async function askBroker<T>(
  { urls: { RABBITMQ_MANAGEMENT_URL, RABBITMQ_URL } }: BenchSystem,
  method: 'GET' | 'DELETE',
  path: string,
): Promise<T> {
  const base = new URL(RABBITMQ_MANAGEMENT_URL);
  const login = Buffer.from(`${base.username}:${base.password}`).toString('base64');
  const vhost = encodeURIComponent(new URL(RABBITMQ_URL).pathname.slice(1));
  const response = await fetch(`${base.origin}/api/queues/${vhost}${path}`, {
    method,
    headers: { authorization: `Basic ${login}` },
  });
  if (!response.ok) throw new Error(`RabbitMQ refused ${method} ${path}: ${response.status}`);
  return (method === 'DELETE' ? undefined : await response.json()) as T;
}
