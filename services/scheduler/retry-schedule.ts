import { hostname } from 'node:os';
import { openDesk } from '../../shared/dead-letters/desk.ts';
import { replay } from '../../shared/dead-letters/replay.ts';
import type { Log } from '../../shared/observability/log.ts';
import { pipelineNamed } from '../../shared/pipelines/registry.ts';
import { endRetry, listRetries } from '../../shared/postgres/jobs/retries.ts';
import type { Pool } from '../../shared/postgres/pool.ts';
import type { Schedule } from './scheduler.ts';

export interface RetryScheduleDeps {
  readonly pool: Pool;
  readonly rabbitmqUrl: string;
  readonly databaseUrl: string;
  readonly log: Log;
}

/**
 * Failed tasks of jobs that are to be tried again are replayed out of the dead-letter queue: the message there is the
 * truth, and goes with it. A sweep that somebody else is at lets it wait for the next turn.
 */
export const retrySchedule = (deps: RetryScheduleDeps): Schedule => ({
  name: 'retry-failed',
  cron: '*/5 * * * * *',
  run: async (signal) => {
    const wishes = await listRetries(deps.pool);
    if (wishes.length === 0) return {};
    const { rabbitmqUrl, databaseUrl, log } = deps;
    const desk = await openDesk({ rabbitmqUrl, databaseUrl, actor: `scheduler@${hostname()}`, log });
    let sent = 0;
    try {
      for (const { jobId, pipeline: name } of wishes) {
        const pipeline = pipelineNamed(name);
        if (pipeline === undefined) continue;
        const end = await replay(
          desk,
          // Somebody looked at it and asked for it: all at once, and however often they were replayed.
          { pipeline, filter: { jobId }, isForced: true, isWatched: false, isRefresh: false, silenceMs: 0 },
          { signal },
        );
        sent += end.sent;
        if (end.isComplete) await endRetry(deps.pool, jobId);
      }
    } finally {
      await desk.close();
    }
    return { jobs: wishes.length, sent };
  },
});
