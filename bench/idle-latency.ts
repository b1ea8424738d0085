/** From publishing one warm task on an idle system to its committed row, as another connection sees it. */
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { BenchSystem } from './bench-system.ts';
import { percentile } from './percentile.ts';
import { bodyOf, cacheAnswers } from './warm/warm-load.ts';

export interface IdleLatencyResult {
  readonly tasks: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The first tasks compile. */
const WARM_UP = 300;
const BETWEEN_MS = 5;

export async function measureIdleLatency(system: BenchSystem, tasks: number): Promise<IdleLatencyResult> {
  const redis = new Redis(system.urls.REDIS_URL);
  await cacheAnswers(redis);
  redis.disconnect();
  await system.startWorkers(1, { LOG_LEVEL: 'info' });
  const owner = `idle-${Math.random().toString(36).slice(2, 8)}`;
  const times: number[] = [];
  for (let at = 0; at < WARM_UP + tasks; at += 1) {
    const record = JSON.parse(bodyOf(owner, at).toString()) as Record<string, string>;
    const began = performance.now();
    const published = system.publisher.publish(record);
    while (!(await isWritten(system, owner, `${owner}-${at}`)));
    times.push(performance.now() - began);
    await published;
    await delay(BETWEEN_MS);
  }
  await system.stopWorkers();
  const counted = times.slice(WARM_UP);
  return { tasks, p50Ms: percentile(counted, 0.5), p99Ms: percentile(counted, 0.99) };
}

async function isWritten({ db }: BenchSystem, owner: string, id: string): Promise<boolean> {
  const { rowCount } = await db.query('select from tracks where owner = $1 and track_id = $2', [owner, id]);
  return rowCount === 1;
}
