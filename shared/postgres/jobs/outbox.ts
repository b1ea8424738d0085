/**
 * The tasks of jobs on their way from the database to the broker. A row of `job_outbox` without a claim is unfed; a claim
 * counts its task as fed; the row goes with the broker's confirm. A claim that lapsed was never confirmed: whoever comes
 * next feeds the task (again), without counting it twice.
 */
import type { Lane } from '../../task/task.ts';
import type { Client } from '../dead-letters.ts';
import { type Pool, withTransaction } from '../pool.ts';
import { COUNT_SETTLED } from './count-settled.ts';
import { type Job, JOB_COLUMNS, jobOf, type JobRow } from './job.ts';
import type { TaskPayload } from './receive-tasks.ts';

/** A job that has tasks in the broker, or for it. */
export interface FedJob {
  readonly jobId: string;
  readonly owner: string;
  readonly pipeline: string;
  readonly lane: Lane;
  /** In the broker, or on the way to it. */
  readonly fed: number;
  readonly unfed: number;
  /** Counted as fed, and to be fed again. */
  readonly lapsed: number;
  /** False = nothing of it may be fed now. */
  readonly isFeedable: boolean;
}

/** Oldest first. Cheap: jobs that run, not their tasks. */
export async function listFedJobs(client: Client): Promise<readonly FedJob[]> {
  const { rows } = await client.query<FedJob>(
    `with lapsed as (
       select job_id, count(*)::float8 as count from job_outbox where claimed_until < now() group by job_id
     )
     select job_id as "jobId", user_id as owner, job_type as pipeline, lane, fed_items::float8 as fed,
       (total_items - processed_items - failed_items - fed_items)::float8 as unfed,
       coalesce(lapsed.count, 0) as lapsed, status in ('queued', 'running') as "isFeedable"
     from background_jobs left join lapsed using (job_id)
     where status in ('queued', 'running', 'paused', 'cancelling') and deleted_at is null
     order by background_jobs.id`,
  );
  return rows;
}

export interface ClaimedTask {
  readonly seq: number;
  readonly payload: TaskPayload;
}

export interface Claim {
  /** As it is now: its priority may have been changed since. */
  readonly job: Job;
  readonly tasks: readonly ClaimedTask[];
}

/** Whoever claims has so long to bring it to the broker. */
export const CLAIM_SECONDS = 30;

/** Thrown inside of a transaction to undo it: the job was paused or cancelled this moment. */
class NotFeedable extends Error {}

/**
 * Takes the next tasks of the job, each for one claimer alone. Undefined = nothing of it may be fed. Tasks that were
 * settled in the meantime leave the outbox here.
 */
export async function claimTasks(pool: Pool, jobId: string, limit: number): Promise<Claim | undefined> {
  try {
    return await withTransaction(pool, async (client) => {
      const { rows } = await client.query<{
        seq: number;
        payload: TaskPayload;
        is_new: boolean;
        status: string;
      }>(CLAIM, [jobId, limit]);
      const live = rows.filter(({ status }) => status === 'queued');
      const settled = rows.filter(({ status }) => status !== 'queued').map(({ seq }) => seq);
      if (settled.length > 0) await confirmFed(client, jobId, settled);
      const job = await client.query<JobRow>(COUNT_FED, [jobId, live.filter(({ is_new }) => is_new).length]);
      if (job.rows[0] === undefined) throw new NotFeedable(jobId);
      return { job: jobOf(job.rows[0]), tasks: live.map(({ seq, payload }) => ({ seq, payload })) };
    });
  } catch (error) {
    if (error instanceof NotFeedable) return undefined;
    throw error;
  }
}

const CLAIM = `
with next as materialized (
  select seq, claimed_until is null as is_new from job_outbox
  where job_id = $1 and (claimed_until is null or claimed_until < now())
  order by seq limit $2 for update skip locked
), claimed as (
  update job_outbox as outbox set claimed_until = now() + make_interval(secs => ${CLAIM_SECONDS})
  from next where outbox.job_id = $1 and outbox.seq = next.seq
)
select next.seq, next.is_new, task.payload, task.status
from next join job_tasks as task on task.job_id = $1 and task.seq = next.seq
order by next.seq`;

/** The job's row comes last; its lock holds off a cancellation that is on its way until the claim is committed. */
const COUNT_FED = `
update background_jobs set
  fed_items = fed_items + $2, status = 'running', started_at = coalesce(started_at, now()),
  pace_at = coalesce(pace_at, now())
where job_id = $1 and status in ('queued', 'running') and deleted_at is null
returning ${JOB_COLUMNS}`;

/** The broker has them. */
export async function confirmFed(client: Client, jobId: string, seqs: readonly number[]): Promise<void> {
  await client.query('delete from job_outbox where job_id = $1 and seq = any ($2::integer[])', [jobId, seqs]);
}

/** The broker has not confirmed them: they may be claimed again at once. */
export async function releaseClaim(client: Client, jobId: string, seqs: readonly number[]): Promise<void> {
  await client.query(
    `update job_outbox set claimed_until = '-infinity' where job_id = $1 and seq = any ($2::integer[])`,
    [jobId, seqs],
  );
}

const CANCEL_UNFED = `
with next as (
  select seq from job_outbox where job_id = $1 and (claimed_until is null or claimed_until < now())
  order by seq limit $2 for update skip locked
), gone as (
  delete from job_outbox as outbox using next where outbox.job_id = $1 and outbox.seq = next.seq
  returning outbox.seq, outbox.claimed_until is not null as is_fed
), moved as (
  update job_tasks as task set status = 'cancelled', settled_at = now()
  from gone where task.job_id = $1 and task.seq = gone.seq and task.status = 'queued'
  returning task.job_id, 'queued' as before, 'cancelled' as after, gone.is_fed, 0 as requests, 0::float8 as cost
)${COUNT_SETTLED}`;

const CANCEL_FED = `
with next as (
  select task.seq from job_tasks as task where task.job_id = $1 and task.status = 'queued'
    and not exists (select from job_outbox as outbox where outbox.job_id = $1 and outbox.seq = task.seq)
  order by task.seq limit $2 for update of task
), moved as (
  update job_tasks as task set status = 'cancelled', settled_at = now()
  from next where task.job_id = $1 and task.seq = next.seq
  returning task.job_id, 'queued' as before, 'cancelled' as after, true as is_fed, 0 as requests, 0::float8 as cost
)${COUNT_SETTLED}`;

/**
 * Settles at most `limit` tasks of a job that is being cancelled: what is not in the broker, or, with `fed`, what is there
 * and did not come up: who meets its message later changes nothing. False = there was none.
 */
export async function cancelTasks(
  pool: Pool,
  jobId: string,
  which: 'unfed' | 'fed',
  limit: number,
): Promise<boolean> {
  const { rowCount } = await withTransaction(pool, (client) =>
    client.query(which === 'unfed' ? CANCEL_UNFED : CANCEL_FED, [jobId, limit]),
  );
  return (rowCount ?? 0) > 0;
}

export interface StoppingJob {
  readonly jobId: string;
  /** Since it was told to stop. */
  readonly forSeconds: number;
}

/** Jobs whose tasks are still to be cancelled. */
export async function listStoppingJobs(client: Client): Promise<readonly StoppingJob[]> {
  const { rows } = await client.query<StoppingJob>(
    `select job_id as "jobId", extract(epoch from now() - stop_requested_at)::float8 as "forSeconds"
     from background_jobs where status = 'cancelling' and deleted_at is null order by job_id`,
  );
  return rows;
}

/** Ids of the jobs of which messages may still come up that nobody wants: stopped within two days. */
export async function listStoppedIds(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ job_id: string }>(
    `select job_id from background_jobs where stop_requested_at > now() - interval '2 days'`,
  );
  return rows.map(({ job_id }) => job_id);
}

/** Tells jobs to stop whose deadline has passed. Returns their ids. */
export async function stopOverdueJobs(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ job_id: string }>(
    `update background_jobs
     set status = 'cancelling', stop_reason = 'expired', stop_requested_at = now(), revision = revision + 1
     where deadline < now() and completed_at is null and deleted_at is null and status in ('queued', 'running', 'paused')
     returning job_id`,
  );
  return rows.map(({ job_id }) => job_id);
}
