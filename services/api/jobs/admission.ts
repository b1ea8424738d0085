import type { Principal } from '../../../shared/access/api-key.ts';
import { countLiveJobs, countUnfed } from '../../../shared/postgres/jobs/find-jobs.ts';
import { countLiveRows } from '../../../shared/postgres/jobs/watch-jobs.ts';
import type { Pool } from '../../../shared/postgres/pool.ts';
import { HttpProblem } from '../http/problem.ts';

export interface SubmissionLimits {
  /** Jobs of one owner that have not ended. */
  readonly maxRunningJobs: number;
  /** Rows of one owner that are not settled. */
  readonly maxRows: number;
  /** Rows of one job. */
  readonly maxJobRows: number;
  /** Tasks of everybody that wait in the database for the broker. */
  readonly maxUnfed: number;
  /** Bytes of an upload. */
  readonly maxUploadBytes: number;
}

const RETRY_SECONDS = 30;

/**
 * How many rows a new job of this caller may have. The job is there already, in `receiving`, and counts itself: of two
 * that come at once neither sees less than there is. Throws HttpProblem.
 */
export async function admitJob(pool: Pool, principal: Principal, limits: SubmissionLimits): Promise<number> {
  const maxJobs = principal.maxRunningJobs ?? limits.maxRunningJobs;
  const maxRows = principal.maxRows ?? limits.maxRows;
  const [jobs, rows, unfed] = await Promise.all([
    countLiveJobs(pool, principal.owner),
    countLiveRows(pool, principal.owner),
    countUnfed(pool),
  ]);
  if (jobs > maxJobs) {
    const detail = `${maxJobs} jobs have not ended, which is the limit: wait for one, or cancel it.`;
    throw new HttpProblem('too_many_jobs', detail, { retryAfter: RETRY_SECONDS });
  }
  if (rows >= maxRows) {
    const detail = `${rows} rows are not settled, the limit is ${maxRows}: wait until some are.`;
    throw new HttpProblem('too_many_rows_waiting', detail, { retryAfter: RETRY_SECONDS });
  }
  if (unfed >= limits.maxUnfed) {
    const detail = 'As many tasks as this installation keeps wait for the broker already.';
    throw new HttpProblem('backlog_full', detail, { retryAfter: RETRY_SECONDS });
  }
  return Math.min(limits.maxJobRows, maxRows - rows);
}
