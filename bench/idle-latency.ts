/**
 * From publishing one warm task on an idle system to its committed row, as another connection sees it. The server tells
 * that connection at the commit: asking again and again would keep both cores of a small machine busy, and the system
 * would be anything but idle.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { PoolClient } from 'pg';
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
const DEADLINE_MS = 10_000;

const TELL = `
create or replace function bench_tell() returns trigger language plpgsql as $$
begin
  perform pg_notify('bench_rows', new.track_id);
  return new;
end $$;
create or replace trigger bench_tell after insert on tracks for each row execute function bench_tell();
listen bench_rows`;
const STOP_TELLING = `unlisten bench_rows; drop trigger bench_tell on tracks; drop function bench_tell`;

export async function measureIdleLatency(system: BenchSystem, tasks: number): Promise<IdleLatencyResult> {
  const redis = new Redis(system.urls.REDIS_URL);
  await cacheAnswers(redis);
  redis.disconnect();
  await system.startWorkers(1, { LOG_LEVEL: 'info' });
  const listener = await system.db.connect();
  await listener.query(TELL);
  try {
    const counted = (await timesOfRows(system, listener, WARM_UP + tasks)).slice(WARM_UP);
    return { tasks, p50Ms: percentile(counted, 0.5), p99Ms: percentile(counted, 0.99) };
  } finally {
    await system.stopWorkers();
    await listener.query(STOP_TELLING);
    listener.release();
  }
}

async function timesOfRows(system: BenchSystem, listener: PoolClient, tasks: number): Promise<number[]> {
  const owner = `idle-${Math.random().toString(36).slice(2, 8)}`;
  const times: number[] = [];
  for (let at = 0; at < tasks; at += 1) {
    const record = JSON.parse(bodyOf(owner, at).toString()) as Record<string, string>;
    const written = told(listener, `${owner}-${at}`);
    const began = performance.now();
    const published = system.publisher.publish(record);
    await written;
    times.push(performance.now() - began);
    await published;
    await delay(BETWEEN_MS);
  }
  return times;
}

/** Resolves when the row of this id is committed; rejects when that takes far too long. */
function told(listener: PoolClient, id: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      reject(new Error(`no row for ${id} within ${DEADLINE_MS / 1_000} s`));
    }, DEADLINE_MS);
    const onRow = ({ payload }: { readonly payload?: string | undefined }): void => {
      if (payload !== id) return;
      clearTimeout(late);
      listener.off('notification', onRow);
      resolve();
    };
    listener.on('notification', onRow);
  });
}
