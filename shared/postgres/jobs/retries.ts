/** Jobs whose failed tasks somebody wants to be tried again. */
import type { Client } from '../dead-letters.ts';

export interface RetryWish {
  readonly jobId: string;
  readonly pipeline: string;
}

/** Oldest wish first. */
export async function listRetries(client: Client): Promise<readonly RetryWish[]> {
  const { rows } = await client.query<RetryWish>(
    `select job_id as "jobId", job_type as pipeline from background_jobs
     where retry_requested_at is not null and deleted_at is null order by retry_requested_at`,
  );
  return rows;
}

/** Its dead letters are on their way. */
export async function endRetry(client: Client, jobId: string): Promise<void> {
  await client.query(
    'update background_jobs set retry_requested_at = null, revision = revision + 1 where job_id = $1',
    [jobId],
  );
}
