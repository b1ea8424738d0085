/**
 * A submission from its first byte to its commit. What the caller gets is durable; what breaks off before leaves a job in
 * `receiving`, which the same key takes up again, or nothing where there is no key.
 */
import { createHash, type Hash } from 'node:crypto';
import type { Row } from '../input/read-rows.ts';
import { InputError } from '../input/raw-row.ts';
import { acceptJob } from '../postgres/jobs/accept-job.ts';
import { deleteJob } from '../postgres/jobs/job-acts.ts';
import type { Job, JobRequest } from '../postgres/jobs/job.ts';
import { openSubmission, type Receiving } from '../postgres/jobs/open-submission.ts';
import { restartReceiving } from '../postgres/jobs/receive-tasks.ts';
import type { Pool } from '../postgres/pool.ts';
import { receiveRows, TooManyRows } from './receive-rows.ts';

/** What is submitted, before it is read. */
export interface SubmittedRows {
  /** Gives the rows, once, and feeds everything that they are made of to the fingerprint. */
  read(fingerprint: Hash, onColumns: (columns: readonly string[]) => void): AsyncIterable<Row>;
}

export interface SubmitOptions {
  readonly request: JobRequest;
  readonly rows: SubmittedRows;
  /** Field of the entity that is its id. */
  readonly idField: string;
  readonly idempotencyKey?: string;
  /** False = the same content again within a day is answered with the job that it made. */
  readonly isForced: boolean;
  /** Asked once a new job was begun, before a row is read: how many it may have. What it throws ends the submission. */
  readonly admit: () => Promise<number>;
  readonly signal: AbortSignal;
}

export type Submitted =
  | { readonly kind: 'accepted'; readonly job: Job }
  /** The same content, or the same key with the same content: this job was there before. */
  | { readonly kind: 'known'; readonly job: Job; readonly by: 'key' | 'content' }
  /** The first request with this key is not over. */
  | { readonly kind: 'busy'; readonly jobId: string }
  /** The key has been used for something else. */
  | { readonly kind: 'key_reused'; readonly job: Job };

/** Rejects with InputError, TooManyRows, ReceivingLost, what `admit` throws, or the signal's reason. */
export async function submitJob(pool: Pool, options: SubmitOptions): Promise<Submitted> {
  const { request, idempotencyKey } = options;
  const submission = await openSubmission(pool, request, idempotencyKey);
  if (submission.kind === 'busy') return submission;
  if (submission.kind === 'submitted') {
    const { job } = submission;
    const isSame = (await fingerprintOf(options)) === job.fingerprint;
    return isSame ? { kind: 'known', job, by: 'key' } : { kind: 'key_reused', job };
  }
  const { receiving, isResumed } = submission;
  try {
    const maxRows = await options.admit();
    if (isResumed) await restartReceiving(pool, receiving);
    return await receive(pool, receiving, options, maxRows);
  } catch (error) {
    // Whoever comes back with the key goes on with it, unless the content itself was refused.
    const isFinal = error instanceof InputError || error instanceof TooManyRows;
    if (isFinal || idempotencyKey === undefined) await discard(pool, receiving, request.owner);
    throw error;
  }
}

async function receive(
  pool: Pool,
  receiving: Receiving,
  options: SubmitOptions,
  maxRows: number,
): Promise<Submitted> {
  const { request, rows, idField, idempotencyKey, isForced, signal } = options;
  const hash = beginFingerprint(request);
  let columns: readonly string[] | undefined;
  const read = rows.read(hash, (found) => {
    columns = found;
  });
  const counts = await receiveRows(pool, receiving, read, { idField, maxRows, signal });
  if (counts.rows === 0) throw new InputError('there is not a single row in it');
  const accepted = await acceptJob(pool, receiving, {
    fingerprint: hash.digest('hex'),
    isOnce: !isForced && idempotencyKey === undefined,
    ...(columns !== undefined && { columns }),
  });
  return accepted.kind === 'accepted'
    ? { kind: 'accepted', job: accepted.job }
    : { kind: 'known', job: accepted.job, by: 'content' };
}

async function fingerprintOf({ request, rows, signal }: SubmitOptions): Promise<string> {
  const hash = beginFingerprint(request);
  for await (const _ of rows.read(hash, () => undefined)) signal.throwIfAborted();
  return hash.digest('hex');
}

/** Owner and options belong to what is asked for; `notBefore` is the time of the request, so only that it is there. */
function beginFingerprint({ notBefore, ...request }: JobRequest): Hash {
  const said = Object.entries({ ...request, isRefresh: notBefore !== undefined });
  const sorted = said.sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted));
}

/** The row would expire by itself: a database that is away now is no reason for another error. */
const discard = async (pool: Pool, { jobId }: Receiving, owner: string): Promise<void> => {
  await deleteJob(pool, { jobId, owner }).catch(() => undefined);
};
