/** The commit of a submission: the moment from which its tasks will be settled, whatever happens. */
import type { PoolClient } from 'pg';
import { type Pool, withTransaction } from '../pool.ts';
import { textOfJson } from '../storable-json.ts';
import { type Job, JOB_COLUMNS, jobOf, type JobRow } from './job.ts';
import { EVENT_DATA, tellEvents } from './job-events.ts';
import type { Receiving } from './open-submission.ts';
import { ReceivingLost } from './receive-tasks.ts';

export type Accepted =
  /** Durable from here on. Without a single task it has `failed` already, with its reason. */
  | { readonly kind: 'accepted'; readonly job: Job }
  /** The same content was accepted from this owner within a day: this is that job, the new one is gone. */
  | { readonly kind: 'same_as'; readonly job: Job };

export interface Acceptance {
  /** Of content and options: equal for submissions that ask for the same. */
  readonly fingerprint: string;
  /** Answer with the job of the same content, if there is one that came to something. */
  readonly isOnce: boolean;
  /** Columns of the file, for those who download its rejected rows. */
  readonly columns?: readonly string[];
}

/** Rejects with ReceivingLost. Calling it again after a fault of the connection is safe. */
export async function acceptJob(pool: Pool, receiving: Receiving, acceptance: Acceptance): Promise<Accepted> {
  const { jobId, receiver } = receiving;
  const { fingerprint, isOnce, columns } = acceptance;
  return withTransaction(pool, async (client) => {
    // Two equal uploads that end at the same moment: the second one sees the first.
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [fingerprint]);
    const same = isOnce ? await one(client, FIND_SAME, [jobId, fingerprint]) : undefined;
    if (same !== undefined) {
      await client.query(DISCARD, [jobId, receiver]);
      return { kind: 'same_as', job: same };
    }
    const said = columns === undefined ? null : textOfJson(columns);
    const job =
      (await one(client, ACCEPT, [jobId, receiver, fingerprint, said])) ??
      (await one(client, FIND_ACCEPTED, [jobId, receiver, fingerprint]));
    if (job === undefined) throw new ReceivingLost(`job ${jobId} is not being received`);
    return { kind: 'accepted', job };
  });
}

async function one(client: PoolClient, text: string, values: readonly unknown[]): Promise<Job | undefined> {
  const { rows } = await client.query<JobRow>(text, [...values]);
  return rows[0] === undefined ? undefined : jobOf(rows[0]);
}

const FIND_SAME = `
select ${JOB_COLUMNS} from background_jobs
where user_id = (select user_id from background_jobs where job_id = $1) and fingerprint = $2 and job_id <> $1
  and created_at > now() - interval '1 day' and deleted_at is null
  and status not in ('receiving', 'cancelling', 'cancelled', 'expired', 'failed')
order by background_jobs.id desc limit 1`;

const FIND_ACCEPTED = `
select ${JOB_COLUMNS} from background_jobs
where job_id = $1 and receiver = $2 and fingerprint = $3 and deleted_at is null`;

const DISCARD = `
update background_jobs set deleted_at = now(), status = 'cancelled', completed_at = now(), idempotency_key = null
where job_id = $1 and receiver = $2 and status = 'receiving'`;

const ACCEPT = `
with accepted as (
  update background_jobs set
    status = case when total_items > 0 then 'queued' else 'failed' end,
    error_message = case when total_items = 0 then 'no row could be accepted' end,
    completed_at = case when total_items = 0 then now() end,
    result_data = case when $4::jsonb is not null then jsonb_build_object('columns', $4::jsonb) end,
    fingerprint = $3, receiving_until = null, revision = revision + 1
  where job_id = $1 and receiver = $2 and deleted_at is null and status = 'receiving'
  returning *
)${tellEvents(`select job_id, revision, 'job.' || status, ${EVENT_DATA} from accepted`)}
select ${JOB_COLUMNS} from accepted as background_jobs`;
