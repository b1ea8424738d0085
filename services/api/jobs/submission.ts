import type { Principal } from '../../../shared/access/api-key.ts';
import { TooManyRows } from '../../../shared/jobs/receive-rows.ts';
import { type Submitted, submitJob, type SubmittedRows } from '../../../shared/jobs/submit-job.ts';
import { ReceivingLost } from '../../../shared/postgres/jobs/receive-tasks.ts';
import type { Job } from '../../../shared/postgres/jobs/job.ts';
import { HttpProblem } from '../http/problem.ts';
import { webhookTarget } from '../http/webhook-target.ts';
import type { Resources } from '../resources.ts';
import { admitJob } from './admission.ts';
import type { ReadOptions } from './job-options.ts';

export interface Submission {
  readonly read: ReadOptions;
  readonly rows: SubmittedRows;
  readonly principal: Principal;
  readonly isForced: boolean;
  readonly idempotencyKey?: string;
  readonly signal: AbortSignal;
}

/** A job that there is, new or not. */
export type SubmittedJob = Exclude<Submitted, { kind: 'busy' | 'key_reused' }>;

/** Throws HttpProblem for what a submission cannot be, besides what `submitJob` throws. */
export async function submit(
  { pool, limits, webhookTargets }: Pick<Resources, 'pool' | 'limits' | 'webhookTargets'>,
  { read, rows, principal, isForced, idempotencyKey, signal }: Submission,
): Promise<SubmittedJob> {
  if (read.callbackUrl !== undefined) webhookTarget(webhookTargets, '/callback_url', read.callbackUrl);
  try {
    const submitted = await submitJob(pool, {
      request: read.request,
      rows,
      idField: read.pipeline.idField,
      isForced,
      signal,
      admit: () => admitJob(pool, principal, limits),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    });
    if (submitted.kind === 'busy') throw stillRunning(submitted.jobId);
    if (submitted.kind === 'key_reused') throw keyReused(submitted.job);
    return submitted;
  } catch (error) {
    throw problemIn(error);
  }
}

const stillRunning = (jobId: string): HttpProblem =>
  new HttpProblem(
    'submission_running',
    `The first request with this key is still being received: job ${jobId}.`,
    {
      retryAfter: 5,
    },
  );

const keyReused = ({ jobId }: Job): HttpProblem =>
  new HttpProblem('idempotency_key_reused', `This key was used for other content, which made job ${jobId}.`);

function problemIn(error: unknown): unknown {
  if (error instanceof TooManyRows) {
    const detail = `The submission has more than ${error.maxRows} rows, which is what this key has left.`;
    return new HttpProblem('too_many_rows', detail, { cause: error });
  }
  // Whoever has come with the same key meanwhile goes on with it.
  if (error instanceof ReceivingLost)
    return new HttpProblem('submission_running', 'Another request has taken this upload over.', {
      cause: error,
    });
  return error;
}
