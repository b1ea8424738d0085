import { announceJobs } from '../../shared/redis/job-news.ts';
import type { Redis } from '../../shared/redis/redis-client.ts';

/** Watchers are told of a job at most so often by one worker: commits come by the hundred. */
const EVERY_MS = 250;

/** Collects the jobs whose counters moved and tells of all of them together. */
export function tellMovedJobs(redis: Redis): (jobIds: readonly string[]) => void {
  const moved = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    timer = undefined;
    void announceJobs(redis, 'moved', [...moved]);
    moved.clear();
  };
  return (jobIds) => {
    if (jobIds.length === 0) return;
    for (const id of jobIds) moved.add(id);
    // Keeps no process from ending: who listens looks by himself as well.
    timer ??= setTimeout(tell, EVERY_MS).unref();
  };
}
