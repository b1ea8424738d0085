/** What is told of a job once, in the transaction in which it happens. */
import type { Client } from '../dead-letters.ts';
import { queueDeliveries } from '../webhooks/queue-deliveries.ts';

export interface JobEvent {
  /** Of this event among all; rises in about the order of the commits. */
  readonly id: number;
  readonly jobId: string;
  /** The job's revision then: the sequence id for watchers. */
  readonly sequence: number;
  /**
   * `job.queued`, `job.paused`, `job.resumed`, `job.cancelling`; once, at the end: `job.completed` (with or without
   * errors: see the status), `job.failed`, `job.cancelled`, `job.expired`; after the end, when a replay changed its
   * counts: `job.amended`.
   */
  readonly type: string;
  /** The status and the counts of that moment, as `EVENT_DATA` names them. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** SQL: what an event says, out of a row of `background_jobs`. */
export const EVENT_DATA = `jsonb_build_object('status', status, 'total', total_items, 'processed', processed_items,
  'failed', failed_items, 'enriched', enriched_items, 'not_found', not_found_items, 'ambiguous', ambiguous_items,
  'cancelled', cancelled_items)`;

/**
 * A CTE `told`: the events that `events` selects as (job_id, sequence, type, data) are written, and with them what goes out
 * to those who want to be told of them. In one statement with the change: none without the other.
 */
export const tellEvents = (events: string): string => `
, told as (
  insert into job_events (job_id, sequence, type, data)
  ${events}
  returning job_id, type, data
)${queueDeliveries('told')}`;

/** What was told of a job after this sequence id, in order; at most 1,000. */
export async function listJobEvents(client: Client, jobId: string, after = 0): Promise<readonly JobEvent[]> {
  const { rows } = await client.query<JobEvent>(
    `select id::float8 as id, job_id as "jobId", sequence::float8 as sequence, type, data,
       (extract(epoch from at) * 1000)::float8 as at
     from job_events where job_id = $1 and sequence > $2 order by job_events.sequence, job_events.id limit 1000`,
    [jobId, after],
  );
  return rows;
}
