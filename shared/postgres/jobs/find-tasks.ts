/** Reading the tasks of a job, in the order of the submission. Whether somebody may see the job is asked before. */
import type { Fields } from '../../task/fields.ts';
import { jobTaskId, parseJobTaskId } from '../../task/job-task-id.ts';
import type { Outcome } from '../../task/result.ts';
import type { TimelineEntry } from '../../task/task.ts';
import type { Client } from '../dead-letters.ts';
import { idColumn } from '../row-page.ts';
import type { ResultTable } from '../result-statement.ts';
import type { ReceivedReject, TaskPayload } from './receive-tasks.ts';

/** `waiting`: in the database; `fed`: in the broker or with a worker; else how it ended. */
export type JobTaskStatus = 'waiting' | 'fed' | Outcome;

export interface JobTask {
  readonly taskId: string;
  readonly jobId: string;
  readonly seq: number;
  /** In the submitted file. */
  readonly line: number;
  readonly entityId: string;
  readonly status: JobTaskStatus;
  readonly payload: TaskPayload;
  /** Provider → counted tries. */
  readonly attempts: Readonly<Record<string, number>>;
  readonly error?: string;
  /** What happened, oldest first; empty until it is settled. */
  readonly timeline: readonly TimelineEntry[];
  /** Epoch milliseconds. */
  readonly settledAt?: number;
}

interface Row {
  readonly job_id: string;
  readonly seq: number;
  readonly line: number;
  readonly entity_id: string;
  readonly status: JobTaskStatus;
  readonly payload: TaskPayload;
  readonly attempts: Readonly<Record<string, number>> | null;
  readonly error: string | null;
  readonly timeline: readonly TimelineEntry[] | null;
  readonly settled_at: Date | null;
}

const SELECT = `
select task.job_id, task.seq, line, entity_id, payload, attempts, error, timeline, settled_at,
  case when task.status <> 'queued' then task.status
       when waiting.seq is not null then 'waiting' else 'fed' end as status
from job_tasks as task
left join job_outbox as waiting on waiting.job_id = task.job_id and waiting.seq = task.seq
  and waiting.claimed_until is null`;

export interface TaskFilter {
  readonly jobId: string;
  readonly statuses?: readonly JobTaskStatus[];
}

export interface Page {
  /** The `seq` to go on after. */
  readonly after?: number;
  readonly limit: number;
}

/** Shorter than the limit = the last page. A rare status in a large job is looked for through all of its rows. */
export async function listTasks(
  client: Client,
  { jobId, statuses }: TaskFilter,
  { after = 0, limit }: Page,
): Promise<readonly JobTask[]> {
  const { rows } = await client.query<Row>(
    `select * from (${SELECT} where task.job_id = $1 and task.seq > $2) as found
     where $3::text[] is null or status = any ($3) order by seq limit $4`,
    [jobId, after, statuses ?? null, limit],
  );
  return rows.map(taskOf);
}

/** Undefined = no task of a job has this id, or its owner is another one. `owner` null = whoever it is. */
export async function findTask(
  client: Client,
  taskId: string,
  owner: string | null,
): Promise<JobTask | undefined> {
  const key = parseJobTaskId(taskId);
  if (key === undefined) return undefined;
  const { rows } = await client.query<Row>(
    `${SELECT} join background_jobs as job on job.job_id = task.job_id
     where task.job_id = $1 and task.seq = $2 and job.deleted_at is null and ($3::text is null or job.user_id = $3)`,
    [key.jobId, key.seq, owner],
  );
  return rows[0] === undefined ? undefined : taskOf(rows[0]);
}

function taskOf(row: Row): JobTask {
  const {
    job_id: jobId,
    seq,
    line,
    entity_id: entityId,
    status,
    payload,
    error,
    settled_at: settledAt,
  } = row;
  return {
    taskId: jobTaskId({ jobId, seq }),
    jobId,
    seq,
    line,
    entityId,
    status,
    payload,
    attempts: row.attempts ?? {},
    timeline: row.timeline ?? [],
    ...(error === null ? {} : { error }),
    ...(settledAt === null ? {} : { settledAt: settledAt.getTime() }),
  };
}

/** A task with what is known of its entity now: another job may have found more since. */
export interface JobResult {
  readonly taskId: string;
  readonly seq: number;
  readonly line: number;
  readonly entityId: string;
  /** Of this task. */
  readonly status: JobTaskStatus;
  readonly error?: string;
  readonly payload: TaskPayload;
  /**
   * The row of the result table, column → value (`enriched`, `provenance`, `match_confidence`, `enrichment_source_api`,
   * `missing`, …); absent while there is none.
   */
  readonly result?: Fields;
}

/** Shorter than the limit = the last page. */
export async function listJobResults(
  client: Client,
  job: { readonly jobId: string; readonly owner: string; readonly table: ResultTable },
  { after = 0, limit }: Page,
): Promise<readonly JobResult[]> {
  const { rows } = await client.query<Row & { readonly result: Fields | null }>(
    `select page.*, to_jsonb(result) as result
     from (${SELECT} where task.job_id = $1 and task.seq > $2 order by task.seq limit $4) as page
     left join ${job.table} as result on result.owner = $3 and result.${idColumn(job.table)} = page.entity_id
     order by page.seq`,
    [job.jobId, after, job.owner, limit],
  );
  return rows.map((row) => {
    const { taskId, seq, line, entityId, status, payload, error } = taskOf(row);
    return {
      taskId,
      seq,
      line,
      entityId,
      status,
      payload,
      ...(error === undefined ? {} : { error }),
      ...(row.result === null ? {} : { result: row.result }),
    };
  });
}

/** Rejected rows, in the order of the submission. Shorter than the limit = the last page. */
export async function listRejects(
  client: Client,
  jobId: string,
  { after = 0, limit }: Page,
): Promise<readonly ReceivedReject[]> {
  const { rows } = await client.query<
    Omit<ReceivedReject, 'original' | 'text'> & {
      readonly original: ReceivedReject['original'] | null;
      readonly row_text: string | null;
    }
  >(
    `select seq, line, problems, original, row_text from job_rejects
     where job_id = $1 and seq > $2 order by seq limit $3`,
    [jobId, after, limit],
  );
  return rows.map(({ seq, line, problems, original, row_text: text }) => ({
    seq,
    line,
    problems,
    ...(original === null || original === undefined ? {} : { original }),
    ...(text === null ? {} : { text }),
  }));
}

/** Columns of the submitted file, for a CSV of its rejected rows; undefined = it was no CSV. */
export async function findSubmittedColumns(
  client: Client,
  jobId: string,
): Promise<readonly string[] | undefined> {
  const { rows } = await client.query<{ columns: readonly string[] | null }>(
    `select result_data -> 'columns' as columns from background_jobs where job_id = $1`,
    [jobId],
  );
  return rows[0]?.columns ?? undefined;
}
