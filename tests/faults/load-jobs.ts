/**
 * Jobs whose tasks are part of the load. The load feeds them itself, as a relay does that is never hit, so that what is
 * broken is the settling of tasks; every change of their state is written down by the database, by a trigger.
 */
import { Pool } from 'pg';
import { pipelineNamed } from '../../shared/pipelines/registry.ts';
import { acceptJob } from '../../shared/postgres/jobs/accept-job.ts';
import { openSubmission } from '../../shared/postgres/jobs/open-submission.ts';
import { claimTasks, confirmFed } from '../../shared/postgres/jobs/outbox.ts';
import { appendRows } from '../../shared/postgres/jobs/receive-tasks.ts';
import { jobTaskId } from '../../shared/task/job-task-id.ts';
import type { WorkItem } from './workload.ts';

export interface JobLedger {
  readonly tasks: number;
  /** Changes from one terminal state to another that are no replay of a dead task. */
  readonly secondEnds: readonly string[];
  /** Counters that differ from a recount. */
  readonly miscounted: readonly string[];
  /** Jobs that are not over, or whose end was not told exactly once. */
  readonly notEndedOnce: readonly string[];
}

const NOTE_CHANGES = `
create table noted_changes (job_id uuid, seq integer, before text, after text);
create function note_change() returns trigger language plpgsql as $$
begin
  insert into noted_changes values (new.job_id, new.seq, old.status, new.status);
  return null;
end $$;
create trigger note_change after update on job_tasks
for each row when (old.status is distinct from new.status) execute function note_change()`;

/** Opens one job for each pipeline of the items; resolves with the same items as tasks of these jobs, all of them unfed. */
export async function openLoadJobs(url: string, items: readonly WorkItem[]): Promise<readonly WorkItem[]> {
  const pool = new Pool({ connectionString: url, max: 1, application_name: 'fault-jobs' });
  try {
    await pool.query(NOTE_CHANGES);
    const names = [...new Set(items.map(({ task }) => task.pipeline))];
    const ids = new Map<string, string[]>();
    for (const name of names)
      ids.set(
        name,
        await openJob(
          pool,
          name,
          items.filter(({ task }) => task.pipeline === name),
        ),
      );
    // In the order in which they were drawn: both pipelines turn by turn.
    return items.map((item) => asTaskOf(item, ids.get(item.task.pipeline)?.shift() ?? ''));
  } finally {
    await pool.end();
  }
}

/** Resolves with the ids of its tasks, which are those of their entities as well: ledgers count by either. */
async function openJob(pool: Pool, pipeline: string, items: readonly WorkItem[]): Promise<string[]> {
  const request = { owner: '', pipeline, lane: 'priority', priority: 5, strategy: 'first' } as const;
  const submission = await openSubmission(pool, request);
  if (submission.kind !== 'opened') throw new Error(`a job is ${submission.kind}`);
  const { receiving } = submission;
  const { jobId } = receiving;
  const rows = items.map(({ task }, at) => {
    const seq = at + 1;
    const entityId = jobTaskId({ jobId, seq });
    return { seq, line: seq, entityId, payload: { entity: task.entity } };
  });
  await appendRows(pool, receiving, rows, []);
  await acceptJob(pool, receiving, { fingerprint: jobId, isOnce: false });
  const claim = await claimTasks(pool, jobId, rows.length);
  await confirmFed(pool, jobId, claim?.tasks.map(({ seq }) => seq) ?? []);
  return rows.map(({ entityId }) => entityId);
}

function asTaskOf({ task, route }: WorkItem, taskId: string): WorkItem {
  const idField = pipelineNamed(task.pipeline)?.idField ?? '';
  const jobId = taskId.slice(0, taskId.lastIndexOf('-'));
  return { task: { ...task, taskId, jobId, entity: { ...task.entity, [idField]: taskId } }, route };
}

/** What the database says about them, when every task has been published and settled. */
export async function readJobs(url: string): Promise<JobLedger> {
  const pool = new Pool({ connectionString: url, max: 1, application_name: 'fault-jobs' });
  try {
    const { rows: changes } = await pool.query<{ task: string; before: string; after: string }>(SECOND_ENDS);
    const { rows: jobs } = await pool.query<CountedJob>(COUNTED);
    return {
      tasks: jobs.reduce((total, { recounted }) => total + (recounted['total'] ?? 0), 0),
      secondEnds: changes.map(({ task, before, after }) => `${task} ${before} → ${after}`),
      miscounted: jobs.flatMap(({ pipeline, counted, recounted }) =>
        Object.keys(counted)
          .filter((name) => counted[name] !== recounted[name])
          .map((name) => `${pipeline} ${name} ${counted[name] ?? 0}, are ${recounted[name] ?? 0}`),
      ),
      notEndedOnce: jobs
        .filter(({ ends, over }) => !over || ends !== 1)
        .map(({ pipeline, status, ends }) => `${pipeline} ${status}, told ${ends} times`),
    };
  } finally {
    await pool.end();
  }
}

interface CountedJob {
  readonly pipeline: string;
  readonly status: string;
  readonly over: boolean;
  readonly ends: number;
  readonly counted: Readonly<Record<string, number>>;
  readonly recounted: Readonly<Record<string, number>>;
}

const SECOND_ENDS = `
select job_id || '-' || seq as task, before, after from noted_changes
where before <> 'queued' and not (before = 'dead' and after in ('enriched', 'not_found', 'ambiguous'))`;

const COUNTED = `
select job_type as pipeline, status, completed_at is not null as over,
  (select count(*)::int from job_events where job_events.job_id = job.job_id
     and type in ('job.completed', 'job.failed', 'job.cancelled', 'job.expired')) as ends,
  jsonb_build_object('total', total_items, 'processed', processed_items, 'failed', failed_items,
    'enriched', enriched_items, 'not_found', not_found_items, 'ambiguous', ambiguous_items,
    'cancelled', cancelled_items, 'fed', fed_items) as counted,
  (select jsonb_build_object('total', count(*),
     'processed', count(*) filter (where task.status not in ('queued', 'dead')),
     'failed', count(*) filter (where task.status = 'dead'),
     'enriched', count(*) filter (where task.status = 'enriched'),
     'not_found', count(*) filter (where task.status = 'not_found'),
     'ambiguous', count(*) filter (where task.status = 'ambiguous'),
     'cancelled', count(*) filter (where task.status = 'cancelled'),
     'fed', count(*) filter (where task.status = 'queued'))
   from job_tasks as task where task.job_id = job.job_id) as recounted
from background_jobs as job order by job.id`;
