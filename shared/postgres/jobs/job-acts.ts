/**
 * What somebody does with a job. Each is one statement, changes a job only where it makes sense, and can be repeated
 * without harm. `owner` null = whoever it belongs to. Undefined = there is no such job for this owner.
 */
import type { Client } from '../dead-letters.ts';
import { isJobId, type Job, JOB_COLUMNS, jobOf, type JobRow } from './job.ts';
import { EVENT_DATA, tellEvents } from './job-events.ts';
import { findJob } from './find-jobs.ts';

/** Who may do it, to what. */
export interface ActOn {
  readonly jobId: string;
  readonly owner: string | null;
}

/** `isChanged` false: it was so already, or the job is past it; the job is as it is. */
export interface Acted {
  readonly job: Job;
  readonly isChanged: boolean;
}

/**
 * Nothing more of it is fed from here on, and what is in the broker is settled `cancelled` by whoever meets it. The job is
 * `cancelling` until all of its tasks are settled, then `cancelled`. Workers hear of it within two seconds, and at once
 * when the caller tells them: `announceJobs(redis, 'stopped', …)`. An upload that goes on is ended by `deleteJob`.
 */
export const cancelJob = (client: Client, on: ActOn): Promise<Acted | undefined> =>
  act(client, on, {
    when: `status in ('queued', 'running', 'paused')`,
    set: `status = 'cancelling', stop_reason = 'cancelled', stop_requested_at = now()`,
    event: 'job.cancelling',
  });

/** What is in the broker goes on, nothing more is fed. */
export const pauseJob = (client: Client, on: ActOn): Promise<Acted | undefined> =>
  act(client, on, {
    when: `status in ('queued', 'running')`,
    set: `status = 'paused'`,
    event: 'job.paused',
  });

export const resumeJob = (client: Client, on: ActOn): Promise<Acted | undefined> =>
  act(client, on, {
    when: `status = 'paused'`,
    set: `status = case when started_at is null then 'queued' else 'running' end`,
    event: 'job.resumed',
  });

/**
 * 0–10, for what is not in the broker yet. The lane stays; a row's own priority counts more than the job's.
 */
export const setJobPriority = (client: Client, on: ActOn, priority: number): Promise<Acted | undefined> =>
  act(
    client,
    on,
    {
      when: `status in ('receiving', 'queued', 'running', 'paused') and priority <> $3`,
      set: 'priority = $3',
    },
    [priority],
  );

/** The dead letters of the job are replayed by the scheduler, see `listRetries`; its counts move as they are settled. */
export const retryFailed = (client: Client, on: ActOn): Promise<Acted | undefined> =>
  act(client, on, {
    when: `failed_items > 0 and retry_requested_at is null and status <> 'cancelling'`,
    set: 'retry_requested_at = now()',
  });

/**
 * Nobody sees it any more; its rows go bit by bit. Results stay: they belong to the entities. A job that is being fed is
 * to be cancelled first.
 */
export const deleteJob = (client: Client, on: ActOn): Promise<Acted | undefined> =>
  act(client, on, {
    when: `status in ('receiving', 'completed', 'completed_with_errors', 'failed', 'cancelled', 'expired')`,
    set: 'deleted_at = now(), idempotency_key = null',
  });

interface Act {
  /** SQL: the jobs that it changes. */
  readonly when: string;
  readonly set: string;
  readonly event?: string;
}

async function act(
  client: Client,
  { jobId, owner }: ActOn,
  { when, set, event }: Act,
  values: readonly unknown[] = [],
): Promise<Acted | undefined> {
  if (!isJobId(jobId)) return undefined;
  const told =
    event === undefined ? '' : tellEvents(`select job_id, revision, '${event}', ${EVENT_DATA} from acted`);
  const { rows } = await client.query<JobRow>(
    `with acted as (
       update background_jobs set ${set}, revision = revision + 1
       where job_id = $1 and ($2::text is null or user_id = $2) and deleted_at is null and ${when}
       returning *
     )${told}
     select ${JOB_COLUMNS} from acted as background_jobs`,
    [jobId, owner, ...values],
  );
  if (rows[0] !== undefined) return { job: jobOf(rows[0]), isChanged: true };
  const job = await findJob(client, jobId, owner);
  return job === undefined ? undefined : { job, isChanged: false };
}
