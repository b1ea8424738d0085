/** Reading jobs. `owner` binds a query to what is somebody's own; null sees all. Deleted jobs are never seen. */
import type { Client } from '../dead-letters.ts';
import { isJobId, type Job, JOB_COLUMNS, jobOf, type JobRow, type JobStatus } from './job.ts';

/** Undefined = there is none that this owner may see. */
export async function findJob(client: Client, jobId: string, owner: string | null): Promise<Job | undefined> {
  if (!isJobId(jobId)) return undefined;
  const { rows } = await client.query<JobRow>(
    `select ${JOB_COLUMNS} from background_jobs
     where job_id = $1 and deleted_at is null and ($2::text is null or user_id = $2)`,
    [jobId, owner],
  );
  return rows[0] === undefined ? undefined : jobOf(rows[0]);
}

export interface JobFilter {
  readonly owner: string | null;
  readonly statuses?: readonly JobStatus[];
  readonly pipeline?: string;
  readonly label?: string;
  /** Epoch milliseconds. */
  readonly createdAfter?: number;
  readonly createdBefore?: number;
}

export interface JobPage {
  /** Newest first. */
  readonly jobs: readonly Job[];
  /** The `id` to go on after; undefined = this is the last page. */
  readonly next: number | undefined;
}

/** A page of at most `limit` jobs, beginning after the one with this `id`. */
export async function listJobs(
  client: Client,
  filter: JobFilter,
  { after, limit }: { readonly after?: number; readonly limit: number },
): Promise<JobPage> {
  const { owner, statuses, pipeline, label, createdAfter, createdBefore } = filter;
  const { rows } = await client.query<JobRow>(
    `select ${JOB_COLUMNS} from background_jobs
     where deleted_at is null
       and ($1::text is null or user_id = $1)
       and ($2::text[] is null or status = any ($2))
       and ($3::text is null or job_type = $3)
       and ($4::text is null or label = $4)
       and ($5::float8 is null or created_at >= to_timestamp($5 / 1000))
       and ($6::float8 is null or created_at < to_timestamp($6 / 1000))
       and ($7::bigint is null or id < $7)
     order by background_jobs.id desc limit $8`,
    [
      owner,
      statuses ?? null,
      pipeline ?? null,
      label ?? null,
      createdAfter ?? null,
      createdBefore ?? null,
      after ?? null,
      limit + 1,
    ],
  );
  const jobs = rows.slice(0, limit).map(jobOf);
  return { jobs, next: rows.length > limit ? jobs.at(-1)?.id : undefined };
}

/** Tasks of all jobs that wait in the database for the broker: what the cap of submissions is about. Cheap. */
export async function countUnfed(client: Client): Promise<number> {
  const { rows } = await client.query<{ unfed: number }>(
    `select coalesce(sum(total_items - processed_items - failed_items - fed_items), 0)::float8 as unfed
     from background_jobs where status in ('receiving', 'queued', 'running', 'paused', 'cancelling')
       and deleted_at is null`,
  );
  return rows[0]?.unfed ?? 0;
}

/** Jobs of an owner that have not ended: what a limit of running jobs counts. */
export async function countLiveJobs(client: Client, owner: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::float8 as count from background_jobs
     where status in ('receiving', 'queued', 'running', 'paused', 'cancelling')
       and deleted_at is null and user_id = $1`,
    [owner],
  );
  return rows[0]?.count ?? 0;
}
