/** What is added to a job while it is being received, and the moment in which it is accepted. */
import type { Fields } from '../../task/fields.ts';
import type { FieldProblem } from '../../task/message-error.ts';
import { type Pool, withTransaction } from '../pool.ts';
import { textOfJson } from '../storable-json.ts';
import { type Receiving, RECEIVING_SECONDS } from './open-submission.ts';

/** What the message of a task is made of, beside what is said for the whole job. */
export interface TaskPayload {
  readonly entity: Fields;
  readonly extra?: Fields;
  readonly priority?: number;
}

/** A row of the submission; `seq` counts them from 1, rejected ones too. */
export interface ReceivedTask {
  readonly seq: number;
  readonly line: number;
  readonly entityId: string;
  readonly payload: TaskPayload;
}

export interface ReceivedReject {
  readonly seq: number;
  readonly line: number;
  readonly problems: readonly FieldProblem[];
  readonly original?: Readonly<Record<string, unknown>>;
  readonly text?: string;
}

/** Thrown when somebody else has taken the upload over, or it was given up: nothing was written. */
export class ReceivingLost extends Error {
  override readonly name = 'ReceivingLost';
}

/**
 * Adds rows in one transaction, and prolongs the right to add more. Returns how many became tasks: an entity that the job
 * has already is counted as a duplicate. Rejects with ReceivingLost.
 */
export async function appendRows(
  pool: Pool,
  receiving: Receiving,
  tasks: readonly ReceivedTask[],
  rejects: readonly ReceivedReject[],
): Promise<number> {
  const { jobId, receiver } = receiving;
  return withTransaction(pool, async (client) => {
    // First of all: who has lost the job waits here for nobody's rows.
    const { rowCount } = await client.query(
      `update background_jobs set receiving_until = now() + make_interval(secs => ${RECEIVING_SECONDS})
       where job_id = $1 and receiver = $2 and status = 'receiving' and deleted_at is null`,
      [jobId, receiver],
    );
    if (rowCount !== 1) throw new ReceivingLost(`job ${jobId} is received by somebody else`);
    const { rows } = await client.query<{ added: number }>(APPEND, [
      jobId,
      textOfJson(tasks.map(({ entityId, ...task }) => ({ ...task, entity_id: entityId }))),
      textOfJson(rejects),
      tasks.length,
    ]);
    return rows[0]?.added ?? 0;
  });
}

const APPEND = `
with added as (
  insert into job_tasks (job_id, seq, line, entity_id, payload)
  select $1, seq, line, entity_id, payload
  from jsonb_to_recordset($2::jsonb) as row (seq integer, line integer, entity_id text, payload jsonb)
  on conflict do nothing returning seq
), unfed as (
  insert into job_outbox (job_id, seq) select $1, seq from added
), refused as (
  insert into job_rejects (job_id, seq, line, problems, original, row_text)
  select $1, seq, line, problems, original, "text"
  from jsonb_to_recordset($3::jsonb) as row (seq integer, line integer, problems jsonb, original jsonb, "text" text)
  returning seq
)
update background_jobs set
  total_items = total_items + (select count(*) from added),
  duplicate_items = duplicate_items + $4::int - (select count(*) from added),
  rejected_items = rejected_items + (select count(*) from refused),
  revision = revision + 1
where job_id = $1
returning (select count(*) from added)::float8 as added`;

/** Rows erased by one statement: each stays far below the time that a statement has. */
const ERASED_AT_ONCE = 20_000;

/** Removes what an upload that broke off has brought, bit by bit; the job is as it was when it was opened. */
export async function restartReceiving(pool: Pool, { jobId, receiver }: Receiving): Promise<void> {
  await eraseRows(pool, jobId);
  const { rowCount } = await pool.query(
    `update background_jobs set total_items = 0, duplicate_items = 0, rejected_items = 0, revision = revision + 1,
       receiving_until = now() + make_interval(secs => ${RECEIVING_SECONDS})
     where job_id = $1 and receiver = $2 and status = 'receiving'`,
    [jobId, receiver],
  );
  if (rowCount !== 1) throw new ReceivingLost(`job ${jobId} is received by somebody else`);
}

/** Tasks, outbox and rejected rows of a job. The job itself stays. */
export async function eraseRows(pool: Pool, jobId: string): Promise<void> {
  for (const table of ['job_outbox', 'job_rejects', 'job_tasks', 'job_events']) {
    let erased: number;
    do {
      const key = table === 'job_events' ? 'id' : 'seq';
      const { rowCount } = await pool.query(
        `delete from ${table} where job_id = $1 and ${key} in (
           select ${key} from ${table} where job_id = $1 order by ${key} limit ${ERASED_AT_ONCE})`,
        [jobId],
      );
      erased = rowCount ?? 0;
    } while (erased === ERASED_AT_ONCE);
  }
}
