/** The beginning of a job: a row in `receiving`, held by whoever receives its records. */
import { randomUUID } from 'node:crypto';
import type { Client } from '../dead-letters.ts';
import { type Job, JOB_COLUMNS, jobOf, type JobRequest, type JobRow } from './job.ts';
import { textOfJson } from '../storable-json.ts';

/** An upload that says nothing for so long may be taken over by who comes with the same key. */
export const RECEIVING_SECONDS = 60;
/** A key means the same job for so long, and so does the content of a file. */
const SAME_FOR = `interval '1 day'`;

/** The right to add tasks to a job that is being received. */
export interface Receiving {
  readonly jobId: string;
  /** Of this one attempt: an earlier one that wakes up again finds that it has lost the job. */
  readonly receiver: string;
}

export type Submission =
  /** `isResumed`: an upload with the same key broke off. What it brought must be erased first, see `restartReceiving`. */
  | { readonly kind: 'opened'; readonly receiving: Receiving; readonly isResumed: boolean }
  /** Another request with this key is being received right now. */
  | { readonly kind: 'busy'; readonly jobId: string }
  /** A request with this key was accepted: `job.fingerprint` says whether it was the same one. */
  | { readonly kind: 'submitted'; readonly job: Job };

/** Keys are of one owner and last a day. Two calls at the same time with one key make one job. */
export async function openSubmission(
  client: Client,
  request: JobRequest,
  idempotencyKey?: string,
): Promise<Submission> {
  if (idempotencyKey !== undefined) {
    await client.query(
      `update background_jobs set idempotency_key = null
       where user_id = $1 and idempotency_key = $2 and (created_at < now() - ${SAME_FOR} or deleted_at is not null)`,
      [request.owner, idempotencyKey],
    );
  }
  const receiver = randomUUID();
  const jobId = await insertJob(client, request, { receiver, idempotencyKey });
  if (jobId !== undefined) return { kind: 'opened', receiving: { jobId, receiver }, isResumed: false };
  return joinSubmission(client, request.owner, idempotencyKey ?? '', receiver);
}

/** Undefined = the key is taken. */
async function insertJob(
  client: Client,
  request: JobRequest,
  { receiver, idempotencyKey }: { receiver: string; idempotencyKey: string | undefined },
): Promise<string | undefined> {
  const { owner, pipeline, lane, priority, providers, strategy, notBefore, label, deadline, callback } =
    request;
  const { rows } = await client.query<{ job_id: string }>(
    `insert into background_jobs (user_id, job_type, status, lane, priority, providers, strategy, not_before, label,
       deadline, callback, idempotency_key, receiver, receiving_until)
     values ($1, $2, 'receiving', $3, $4, $5, $6, $7, $8, to_timestamp($9::float8 / 1000), $10::jsonb, $11, $12,
       now() + make_interval(secs => ${RECEIVING_SECONDS}))
     on conflict (user_id, idempotency_key) where idempotency_key is not null do nothing
     returning job_id`,
    [
      owner,
      pipeline,
      lane,
      priority,
      providers ?? null,
      strategy,
      notBefore ?? null,
      label ?? null,
      deadline ?? null,
      callback === undefined ? null : textOfJson(callback),
      idempotencyKey ?? null,
      receiver,
    ],
  );
  return rows[0]?.job_id;
}

async function joinSubmission(
  client: Client,
  owner: string,
  idempotencyKey: string,
  receiver: string,
): Promise<Submission> {
  const taken = await client.query<{ job_id: string }>(
    `update background_jobs
     set receiver = $3, receiving_until = now() + make_interval(secs => ${RECEIVING_SECONDS})
     where user_id = $1 and idempotency_key = $2 and status = 'receiving' and receiving_until < now()
     returning job_id`,
    [owner, idempotencyKey, receiver],
  );
  const jobId = taken.rows[0]?.job_id;
  if (jobId !== undefined) return { kind: 'opened', receiving: { jobId, receiver }, isResumed: true };
  const { rows } = await client.query<JobRow>(
    `select ${JOB_COLUMNS} from background_jobs where user_id = $1 and idempotency_key = $2`,
    [owner, idempotencyKey],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the submission with this key was deleted this moment: try again');
  const job = jobOf(row);
  return job.status === 'receiving' ? { kind: 'busy', jobId: job.jobId } : { kind: 'submitted', job };
}
