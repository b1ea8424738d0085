/**
 * A stream of rows into a job that is being received: in batches, with flat memory, no faster than the database takes
 * them. Nothing counts before `acceptJob`: until then a crash leaves a job that the same key resumes, or that expires.
 */
import type { Row } from '../input/read-rows.ts';
import type { Receiving } from '../postgres/jobs/open-submission.ts';
import { appendRows, type ReceivedReject, type ReceivedTask } from '../postgres/jobs/receive-tasks.ts';
import type { Pool } from '../postgres/pool.ts';

export interface ReceivedCounts {
  /** All rows, in whichever way they ended. */
  readonly rows: number;
  readonly tasks: number;
  /** Rows whose entity an earlier one has. */
  readonly duplicates: number;
  readonly rejected: number;
}

export interface ReceiveOptions {
  /** Field of the entity that is its id. */
  readonly idField: string;
  /** More rows than this end the upload with TooManyRows. */
  readonly maxRows: number;
  readonly signal?: AbortSignal;
}

/** Thrown when a submission has more rows than it may; the job is still being received, to be deleted by the caller. */
export class TooManyRows extends Error {
  override readonly name = 'TooManyRows';
  readonly maxRows: number;
  constructor(maxRows: number) {
    super(`the submission has more than ${maxRows} rows`);
    this.maxRows = maxRows;
  }
}

const BATCH_ROWS = 1_000;
/** Rows may be large: a batch ends earlier when its payloads come to so many characters. */
const BATCH_LENGTH = 1_000_000;
/** A slow upload keeps its job by adding what it has so far. */
const FLUSH_MS = 10_000;

/** Rejects with ReceivingLost, TooManyRows, the signal's reason, or what the rows throw (InputError). */
export async function receiveRows(
  pool: Pool,
  receiving: Receiving,
  rows: AsyncIterable<Row>,
  options: ReceiveOptions,
): Promise<ReceivedCounts> {
  const { idField, maxRows, signal } = options;
  const counts = { rows: 0, tasks: 0, duplicates: 0, rejected: 0 };
  let batch = newBatch();
  const flush = async (): Promise<void> => {
    const { tasks, rejects } = batch;
    batch = newBatch();
    const added = await appendRows(pool, receiving, tasks, rejects);
    counts.tasks += added;
    counts.duplicates += tasks.length - added;
    counts.rejected += rejects.length;
  };
  for await (const row of rows) {
    signal?.throwIfAborted();
    counts.rows += 1;
    if (counts.rows > maxRows) throw new TooManyRows(maxRows);
    add(batch, row, counts.rows, idField);
    if (isFull(batch)) await flush();
  }
  await flush();
  return counts;
}

interface Batch {
  readonly tasks: ReceivedTask[];
  readonly rejects: ReceivedReject[];
  readonly since: number;
  length: number;
}

const newBatch = (): Batch => ({ tasks: [], rejects: [], since: performance.now(), length: 0 });

const isFull = ({ tasks, rejects, since, length }: Batch): boolean =>
  tasks.length + rejects.length >= BATCH_ROWS ||
  length >= BATCH_LENGTH ||
  performance.now() - since >= FLUSH_MS;

function add(batch: Batch, row: Row, seq: number, idField: string): void {
  const { line } = row;
  if ('problems' in row) {
    const { problems, original, text } = row;
    batch.rejects.push({ seq, line, problems, ...(original && { original }), ...(text && { text }) });
    batch.length += text?.length ?? lengthOf(original ?? {});
    return;
  }
  const { entity, extra, priority } = row.accepted;
  const payload = {
    entity,
    ...(Object.keys(extra).length > 0 && { extra }),
    ...(priority !== undefined && { priority }),
  };
  batch.tasks.push({ seq, line, entityId: entity[idField] as string, payload });
  batch.length += lengthOf(entity) + lengthOf(extra);
}

/** About the characters of its values: what is nested counts little, and is bounded by the reader. */
const lengthOf = (record: Readonly<Record<string, unknown>>): number =>
  Object.values(record).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 20),
    0,
  );
