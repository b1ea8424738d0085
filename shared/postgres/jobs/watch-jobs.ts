/** What watchers of many jobs ask in one statement each, however many they are. */
import type { Client } from '../dead-letters.ts';
import type { JobEvent } from './job-events.ts';
import { type Job, JOB_COLUMNS, jobOf, type JobRow } from './job.ts';

/** Those that exist, in no order. Whether somebody may see them was asked before. */
export async function findJobs(client: Client, jobIds: readonly string[]): Promise<readonly Job[]> {
  const { rows } = await client.query<JobRow>(
    `select ${JOB_COLUMNS} from background_jobs where job_id = any ($1::uuid[]) and deleted_at is null`,
    [jobIds],
  );
  return rows.map(jobOf);
}

/** Where the watching of a job is: what was told after that is wanted. */
export interface ToldUntil {
  readonly jobId: string;
  readonly after: number;
}

/** Events of all of these jobs, each after its own place, in order. */
export async function listEventsAfter(
  client: Client,
  places: readonly ToldUntil[],
): Promise<readonly JobEvent[]> {
  const { rows } = await client.query<JobEvent>(
    `select event.id::float8 as id, event.job_id as "jobId", sequence::float8 as sequence, type, data,
       (extract(epoch from at) * 1000)::float8 as at
     from unnest($1::uuid[], $2::bigint[]) as asked (job_id, after)
     join job_events as event on event.job_id = asked.job_id and event.sequence > asked.after
     order by event.sequence, event.id limit 10000`,
    [places.map(({ jobId }) => jobId), places.map(({ after }) => after)],
  );
  return rows;
}

/** Jobs of the same lane that came before this one and are still being fed: what stands before it in the line. */
export async function countJobsBefore(
  client: Client,
  { id, lane }: Pick<Job, 'id' | 'lane'>,
): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::float8 as count from background_jobs
     where status in ('queued', 'running') and deleted_at is null and lane = $2 and id < $1
       and total_items > processed_items + failed_items + fed_items`,
    [id, lane],
  );
  return rows[0]?.count ?? 0;
}

/** Rows of an owner's jobs that are not settled. */
export async function countLiveRows(client: Client, owner: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select coalesce(sum(total_items - processed_items - failed_items), 0)::float8 as count from background_jobs
     where status in ('receiving', 'queued', 'running', 'paused', 'cancelling') and deleted_at is null and user_id = $1`,
    [owner],
  );
  return rows[0]?.count ?? 0;
}
