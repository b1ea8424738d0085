/** A database that has been used: jobs and tasks as months of submissions leave them, put there by plain SQL. */
import type { BenchSystem } from '../bench-system.ts';

export const OWNER = 'shop';

/** Of `OWNER`, running, each with the same number of tasks. */
export interface SeededJobs {
  readonly jobIds: readonly string[];
}

const TASKS_A_JOB = 10_000;

/** Jobs that run, with so many task rows in all, half of them settled. */
export async function seedRunningJobs({ db }: BenchSystem, tasks: number): Promise<SeededJobs> {
  const { rows } = await db.query<{ job_id: string }>(
    `insert into background_jobs (user_id, job_type, status, total_items, processed_items, enriched_items, started_at, pace)
     select $1, 'tracks', 'running', $2::bigint, $2::bigint / 2, $2::bigint / 2, now(), 40
     from generate_series(1, $3) returning job_id`,
    [OWNER, TASKS_A_JOB, Math.ceil(tasks / TASKS_A_JOB)],
  );
  const jobIds = rows.map(({ job_id: jobId }) => jobId);
  // One job a statement: the client waits for none longer than its time-out.
  for (const jobId of jobIds) await db.query(SEED_TASKS, [jobId, TASKS_A_JOB]);
  await db.query('analyze job_tasks, background_jobs');
  return { jobIds };
}

const SEED_TASKS = `
insert into job_tasks (job_id, seq, line, entity_id, payload, status, settled_at)
select $1, seq, seq + 1, 'track-' || seq,
  jsonb_build_object('entity', jsonb_build_object('track_id', 'track-' || seq, 'artist', 'Artist ' || seq % 997, 'title', 'Title ' || seq)),
  case when seq <= $2::int / 2 then 'enriched' else 'queued' end, case when seq <= $2::int / 2 then now() end
from generate_series(1, $2::int) as seq`;

/** Jobs that have ended, of `OWNER` and forty-nine others, over a year. */
export async function seedEndedJobs({ db }: BenchSystem, count: number): Promise<void> {
  await db.query(
    `insert into background_jobs (user_id, job_type, status, label, total_items, processed_items, enriched_items,
       created_at, started_at, completed_at)
     select case when n % 2 = 0 then $1 else 'owner-' || n % 49 end, case when n % 3 = 0 then 'movies' else 'tracks' end,
       case when n % 10 = 0 then 'completed_with_errors' else 'completed' end, 'week ' || n % 52, 100, 100, 100, at, at, at
     from generate_series(1, $2::int) as n, lateral (select now() - interval '1 year' * n / $2::int as at) as moment`,
    [OWNER, count],
  );
  await db.query('analyze background_jobs');
}
