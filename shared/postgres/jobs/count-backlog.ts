/** What jobs and their webhooks look like as a whole: asked again and again by one process of all, so it reads indexes alone. */
import type { Client } from '../dead-letters.ts';
import type { JobStatus } from './job.ts';

const LIVE = `status in ('receiving', 'queued', 'running', 'paused', 'cancelling')`;

/** Jobs by status: those that have not ended, and all that were submitted within a day. Deleted ones are left out. */
export async function countJobs(client: Client): Promise<ReadonlyMap<JobStatus, number>> {
  const { rows } = await client.query<{ status: JobStatus; count: number }>(
    `select status, count(*)::float8 as count from background_jobs
     where (${LIVE} or created_at > now() - interval '1 day') and deleted_at is null group by status`,
  );
  return new Map(rows.map(({ status, count }) => [status, count]));
}

export interface Outbox {
  /** Tasks that are not in the broker yet. */
  readonly pending: number;
  /** Since a job last moved that may be fed and has nothing in the broker; 0 = there is none. */
  readonly oldestSeconds: number;
}

/** By pipeline; one without such jobs is missing. */
export async function countOutbox(client: Client): Promise<ReadonlyMap<string, Outbox>> {
  const { rows } = await client.query<Outbox & { pipeline: string }>(
    `with live as (
       select job_type, status, fed_items, total_items - processed_items - failed_items - fed_items as unfed,
         extract(epoch from now() - greatest(created_at, pace_at)) as still
       from background_jobs where ${LIVE} and status <> 'receiving' and deleted_at is null
     )
     select job_type as pipeline, sum(unfed)::float8 as pending,
       coalesce(max(still) filter (where status in ('queued', 'running') and unfed > 0 and fed_items = 0), 0)::float8
         as "oldestSeconds"
     from live group by job_type`,
  );
  return new Map(rows.map(({ pipeline, ...outbox }) => [pipeline, outbox]));
}

export interface WaitingWebhooks {
  /** To be sent now. */
  readonly due: number;
  /** Wait for their next try. */
  readonly later: number;
  /** Of the longest that is due; 0 = there is none. */
  readonly oldestSeconds: number;
}

/** Those of disabled endpoints wait for somebody to enable them, and are left out. */
export async function countWaitingWebhooks(client: Client): Promise<WaitingWebhooks> {
  const { rows } = await client.query<WaitingWebhooks>(
    `select count(*) filter (where next_at <= now())::float8 as due,
       count(*) filter (where next_at > now())::float8 as later,
       coalesce(max(extract(epoch from now() - next_at)) filter (where next_at <= now()), 0)::float8 as "oldestSeconds"
     from webhook_deliveries
     where status = 'pending'
       and (endpoint_id is null or endpoint_id in (select endpoint_id from webhook_endpoints where is_enabled))`,
  );
  return rows[0] ?? { due: 0, later: 0, oldestSeconds: 0 };
}
