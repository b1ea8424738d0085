import { acceptJob } from '../shared/postgres/jobs/accept-job.ts';
import { openSubmission } from '../shared/postgres/jobs/open-submission.ts';
import { appendRows } from '../shared/postgres/jobs/receive-tasks.ts';
import type { Pool } from '../shared/postgres/pool.ts';

/** A job of so many tracks, received and accepted; without any it has failed at once. Resolves with its id. */
export async function acceptedJob(pool: Pool, count: number): Promise<string> {
  const submission = await openSubmission(pool, {
    owner: 'ann',
    pipeline: 'tracks',
    lane: 'priority',
    priority: 5,
    strategy: 'first',
  });
  if (submission.kind !== 'opened') throw new Error(submission.kind);
  const { receiving } = submission;
  const tasks = Array.from({ length: count }, (_, index) => ({
    seq: index + 1,
    line: index + 1,
    entityId: `t${index}`,
    payload: { entity: { track_id: `t${index}` } },
  }));
  await appendRows(pool, receiving, tasks, []);
  await acceptJob(pool, receiving, { fingerprint: receiving.jobId, isOnce: false });
  return receiving.jobId;
}
