/** What is done when messages were lost in the broker: a queue was purged, or deleted with what it held. */
import type { Client } from '../dead-letters.ts';

export interface FedCount {
  /** Handed to the broker, confirmed by it, and not settled. */
  readonly fed: number;
  /** Settled in jobs that are still going: what it grows by tells how much is moving. */
  readonly settled: number;
}

export async function countFed(client: Client, pipeline: string): Promise<FedCount> {
  const { rows } = await client.query<FedCount>(
    `with live as (
       select job_id, fed_items, processed_items + failed_items as settled from background_jobs
       where status in ('queued', 'running', 'paused', 'cancelling') and deleted_at is null and job_type = $1
     )
     select coalesce(sum(settled), 0)::float8 as settled,
       -- What is claimed and not confirmed is not there yet, or will be fed again anyway.
       greatest(0, coalesce(sum(fed_items), 0) - (
         select count(*) from job_outbox join live using (job_id) where claimed_until is not null))::float8 as fed
     from live`,
    [pipeline],
  );
  return rows[0] ?? { fed: 0, settled: 0 };
}

/**
 * Puts at most `limit` fed tasks back into the outbox, those first that should have been settled first. They stay counted
 * as fed. One whose message was not lost after all is settled by the first of the two. Returns how many there were.
 */
export async function feedAgain(client: Client, pipeline: string, limit: number): Promise<number> {
  const { rowCount } = await client.query(
    `insert into job_outbox (job_id, seq, claimed_until)
     select task.job_id, task.seq, '-infinity'
     from background_jobs as job
     cross join lateral (
       select job_id, seq from job_tasks where job_tasks.job_id = job.job_id and job_tasks.status = 'queued'
         and not exists (
           select from job_outbox where job_outbox.job_id = job_tasks.job_id and job_outbox.seq = job_tasks.seq)
       order by seq limit $2
     ) as task
     where job.status in ('queued', 'running', 'paused') and job.deleted_at is null and job.fed_items > 0
       and job.job_type = $1
     order by job.id, task.seq limit $2
     on conflict do nothing`,
    [pipeline, limit],
  );
  return rowCount ?? 0;
}
