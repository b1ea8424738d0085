/** Jobs that were cancelled, or whose deadline is over: their tasks are settled, in the database first. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../shared/observability/log.ts';
import { cancelTasks, listStoppingJobs, stopOverdueJobs } from '../../shared/postgres/jobs/outbox.ts';
import type { Pool } from '../../shared/postgres/pool.ts';
import { announceJobs } from '../../shared/redis/job-news.ts';
import type { Redis } from '../../shared/redis/redis-client.ts';

export interface StopJobsDeps {
  readonly pool: Pool;
  readonly redis: Redis;
  readonly log: Log;
  readonly stopping: AbortSignal;
}

/** Tasks that are cancelled by one statement. */
const AT_ONCE = 5_000;
/** A task may wait on the delay ladder for hours: after so long nobody waits for it to come up. */
const PATIENCE_SECONDS = 30;
const EVERY_MS = 500;

/** Until the process stops. Any number of processes may do it at once. */
export async function stopJobs(deps: StopJobsDeps): Promise<void> {
  const { log, stopping } = deps;
  while (!stopping.aborted) {
    try {
      await stopOnce(deps);
    } catch (error) {
      log.warn('jobs cannot be stopped now', { error: (error as Error).message });
    }
    await delay(EVERY_MS, undefined, { signal: stopping }).catch(() => undefined);
  }
}

async function stopOnce({ pool, redis, stopping }: StopJobsDeps): Promise<void> {
  await announceJobs(redis, 'stopped', await stopOverdueJobs(pool));
  for (const { jobId, forSeconds } of await listStoppingJobs(pool)) {
    let moved = false;
    while (!stopping.aborted && (await cancelTasks(pool, jobId, 'unfed', AT_ONCE))) moved = true;
    if (forSeconds > PATIENCE_SECONDS)
      while (!stopping.aborted && (await cancelTasks(pool, jobId, 'fed', AT_ONCE))) moved = true;
    if (moved) await announceJobs(redis, 'moved', [jobId]);
  }
}
