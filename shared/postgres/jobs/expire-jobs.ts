/** Jobs go in two steps: first nobody sees them any more, then their rows go bit by bit. Results stay. */
import type { Client } from '../dead-letters.ts';
import type { Pool } from '../pool.ts';
import { eraseRows } from './receive-tasks.ts';

export interface Keeping {
  /** Hours after its end. */
  readonly hours: number;
  /** The latest finished ones of each owner, whatever their age. */
  readonly last: number;
}

/** Hides finished jobs whose time is over. Returns how many. */
export async function expireJobs(client: Client, { hours, last }: Keeping): Promise<number> {
  const { rowCount } = await client.query(
    `update background_jobs set deleted_at = now(), idempotency_key = null
     where job_id in (
       select job_id from (
         select job_id, completed_at, row_number() over (partition by user_id order by id desc) as place
         from background_jobs where completed_at is not null and deleted_at is null
       ) as ended
       where place > $2 and completed_at < now() - make_interval(hours => $1) limit 10000)`,
    [hours, last],
  );
  return rowCount ?? 0;
}

/** Hides uploads that broke off and that nobody resumed. Returns how many. */
export async function expireUploads(client: Client, afterHours: number): Promise<number> {
  const { rowCount } = await client.query(
    `update background_jobs set deleted_at = now(), idempotency_key = null, status = 'expired', completed_at = now()
     where status = 'receiving' and receiving_until < now() - make_interval(hours => $1) and deleted_at is null`,
    [afterHours],
  );
  return rowCount ?? 0;
}

/** Erases hidden jobs, one after the other, until there is none or the signal is aborted. Returns how many. */
export async function eraseHiddenJobs(pool: Pool, signal: AbortSignal): Promise<number> {
  for (let erased = 0; ; erased += 1) {
    // A deletion may be older than the last message of the job: that one finds no row and changes nothing.
    const { rows } = await pool.query<{ job_id: string }>(
      'select job_id from background_jobs where deleted_at is not null order by id limit 1',
    );
    const [next] = rows;
    if (next === undefined || signal.aborted) return erased;
    await eraseRows(pool, next.job_id);
    await pool.query('delete from background_jobs where job_id = $1', [next.job_id]);
  }
}
