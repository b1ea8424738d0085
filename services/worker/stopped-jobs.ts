/** The jobs whose tasks nobody wants any more: asked for every two seconds, and told at once while Redis is there. */
import type { Log } from '../../shared/observability/log.ts';
import { listStoppedIds } from '../../shared/postgres/jobs/outbox.ts';
import type { Pool } from '../../shared/postgres/pool.ts';
import { openJobNews } from '../../shared/redis/job-news.ts';
import type { Lifecycle } from '../../shared/runtime/lifecycle.ts';
import type { Task } from '../../shared/task/task.ts';

export interface StoppedJobsDeps {
  readonly pool: Pool;
  readonly redisUrl: string;
  readonly processId: string;
  readonly log: Log;
  readonly lifecycle: Pick<Lifecycle, 'onStop'>;
}

/** True = the task is to be settled as cancelled. */
export type IsStopped = (task: Pick<Task, 'jobId'>) => boolean;

/** Thrown instead of a request for a task that nobody wants any more. */
export class JobStopped extends Error {
  override readonly name = 'JobStopped';
}

const EVERY_MS = 2_000;

/** Resolves after the first look. What was known last counts while the database is away. */
export async function watchStoppedJobs(deps: StoppedJobsDeps): Promise<IsStopped> {
  const { pool, log, lifecycle, redisUrl, processId } = deps;
  let stopped = new Set<string>();
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    try {
      stopped = new Set(await listStoppedIds(pool));
    } catch (error) {
      log.debug('stopped jobs cannot be read', { error: (error as Error).message });
    } finally {
      looking = undefined;
    }
  };
  const lookOnce = (): void => {
    looking ??= look();
  };
  const news = openJobNews({
    url: redisUrl,
    name: `${processId}#stopped-jobs`,
    log,
    news: 'stopped',
    onNews: (ids) => {
      for (const id of ids) stopped.add(id);
    },
  });
  lookOnce();
  await looking;
  const timer = setInterval(lookOnce, EVERY_MS);
  lifecycle.onStop('stopped jobs', async () => {
    clearInterval(timer);
    news.close();
    await looking;
  });
  return ({ jobId }) => jobId !== undefined && stopped.has(jobId);
}
