/** Tasks of jobs reach their one terminal state, in the transaction in which their results are written. */
import type { PoolClient } from 'pg';
import type { JobTaskKey } from '../../task/job-task-id.ts';
import { jobTaskId } from '../../task/job-task-id.ts';
import type { Outcome } from '../../task/result.ts';
import type { TimelineEntry } from '../../task/task.ts';
import { textOfJson } from '../storable-json.ts';
import { COUNT_SETTLED } from './count-settled.ts';

export interface SettledTask extends JobTaskKey {
  readonly outcome: Outcome;
  /** Provider → counted tries. */
  readonly attempts: Readonly<Record<string, number>>;
  readonly error?: string;
  readonly timeline: readonly TimelineEntry[];
  /** Made for it, to all providers, and their price. */
  readonly requests: number;
  readonly costUsd: number;
}

/** A job whose counters moved. */
export interface MovedJob {
  readonly jobId: string;
  /** From its submission, when it came to its end with these tasks; else null. */
  readonly lastedSeconds: number | null;
}

const SETTLE = `
with incoming as materialized (
  select * from jsonb_to_recordset($1::jsonb) as row (
    job_id uuid, seq integer, outcome text, attempts jsonb, error text, timeline jsonb, requests integer,
    cost double precision)
), held as materialized (
  select task.job_id, task.seq, task.status as before
  from incoming join job_tasks as task using (job_id, seq)
  where task.status = 'queued'
    or (task.status = 'dead' and incoming.outcome in ('enriched', 'not_found', 'ambiguous'))
  order by task.job_id, task.seq for update of task
), moved as (
  update job_tasks as task set
    status = incoming.outcome, attempts = incoming.attempts, error = incoming.error, timeline = incoming.timeline,
    settled_at = now()
  from incoming join held using (job_id, seq)
  where task.job_id = incoming.job_id and task.seq = incoming.seq
  returning task.job_id, held.before, task.status as after, true as is_fed, incoming.requests, incoming.cost
)${COUNT_SETTLED}`;

/**
 * A task that is settled stays as it is, whatever is redelivered; only one that is dead may be settled well, by a replay.
 * What is no task of a job of ours changes nothing. Locks tasks by key, then jobs: run it after the results of the batch.
 */
export async function settleJobTasks(
  client: PoolClient,
  tasks: readonly SettledTask[],
): Promise<readonly MovedJob[]> {
  if (tasks.length === 0) return [];
  const { rows } = await client.query<MovedJob>(SETTLE, [textOfJson(onceEach(tasks).map(encode))]);
  return rows;
}

/** A statement cannot move a row twice. Of two ends in one batch the one that is not `dead` counts. */
function onceEach(tasks: readonly SettledTask[]): SettledTask[] {
  const byId = new Map<string, SettledTask>();
  for (const task of tasks) {
    const id = jobTaskId(task);
    const earlier = byId.get(id);
    if (earlier === undefined || earlier.outcome === 'dead') byId.set(id, task);
  }
  return [...byId.values()];
}

const encode = ({ jobId, seq, costUsd, ...rest }: SettledTask): object => ({
  ...rest,
  job_id: jobId,
  seq,
  cost: costUsd,
});
