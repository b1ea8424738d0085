/** A job as everybody outside of SQL sees it. */
import type { Json } from '../../task/fields.ts';
import type { Lane, Strategy } from '../../task/task.ts';

/** Something is still to be done about it. */
const LIVE_STATUSES = ['receiving', 'queued', 'running', 'paused', 'cancelling'] as const;
/** Its tasks have one terminal state each. `completed_with_errors`: some are dead; `failed`: all are. */
const ENDED_STATUSES = ['completed', 'completed_with_errors', 'failed', 'cancelled', 'expired'] as const;
export const JOB_STATUSES = [...LIVE_STATUSES, ...ENDED_STATUSES] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export const hasEnded = (status: JobStatus): boolean =>
  (ENDED_STATUSES as readonly JobStatus[]).includes(status);

/** What somebody asks for. */
export interface JobRequest {
  readonly owner: string;
  readonly pipeline: string;
  readonly lane: Lane;
  /** 0–10, of every row that has none of its own. */
  readonly priority: number;
  readonly providers?: readonly string[];
  readonly strategy: Strategy;
  /** Epoch milliseconds: answers fetched earlier do not count. This is how refresh is said. */
  readonly notBefore?: number;
  readonly label?: string;
  /** Epoch milliseconds: what is not settled then is cancelled, and the job ends as `expired`. */
  readonly deadline?: number;
  /** Stored as it is, for whoever tells the end of the job. */
  readonly callback?: Json;
}

export interface JobCounts {
  /** Tasks; the same entity twice is one. */
  readonly total: number;
  /** Settled well: enriched + notFound + ambiguous + cancelled. Never falls. */
  readonly processed: number;
  /** Dead. Falls when a replay enriches one. */
  readonly failed: number;
  readonly enriched: number;
  readonly notFound: number;
  readonly ambiguous: number;
  readonly cancelled: number;
  /** Handed to the broker and not settled. */
  readonly fed: number;
  /** Not in the broker yet: total − processed − failed − fed. */
  readonly unfed: number;
  /** Rows that made no task. */
  readonly rejected: number;
  /** Rows whose entity an earlier row of the job has. */
  readonly duplicates: number;
}

/** Times are epoch milliseconds. */
export interface Job extends JobRequest {
  readonly jobId: string;
  /** Rises with time: what lists are ordered and paged by. */
  readonly id: number;
  readonly status: JobStatus;
  readonly counts: JobCounts;
  /** 100 × (processed + failed) / total. */
  readonly progressPercent: number;
  /** Rises with every change: ETag, and sequence id of its events. */
  readonly revision: number;
  /** Tasks settled a second lately; 0 = nothing measured. */
  readonly pace: number;
  /** Requests to providers, and what they cost. */
  readonly requests: number;
  readonly costUsd: number;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly error?: string;
  readonly idempotencyKey?: string;
  readonly fingerprint?: string;
  /** Somebody asked for its failed tasks to be tried again, and that has not begun. */
  readonly isRetryRequested: boolean;
}

const COLUMNS = {
  jobId: 'job_id',
  id: 'id::float8',
  owner: 'user_id',
  pipeline: 'job_type',
  lane: 'lane',
  priority: 'priority',
  providers: 'providers',
  strategy: 'strategy',
  notBefore: 'not_before',
  label: 'label',
  deadline: '(extract(epoch from deadline) * 1000)::float8',
  callback: 'callback',
  status: 'status',
  total: 'total_items::float8',
  processed: 'processed_items::float8',
  failed: 'failed_items::float8',
  enriched: 'enriched_items::float8',
  notFound: 'not_found_items::float8',
  ambiguous: 'ambiguous_items::float8',
  cancelled: 'cancelled_items::float8',
  fed: 'fed_items::float8',
  rejected: 'rejected_items::float8',
  duplicates: 'duplicate_items::float8',
  progressPercent: 'progress_percent::float8',
  revision: 'revision::float8',
  pace: 'pace',
  requests: 'requests::float8',
  costUsd: 'cost_usd',
  createdAt: '(extract(epoch from created_at) * 1000)::float8',
  startedAt: '(extract(epoch from started_at) * 1000)::float8',
  endedAt: '(extract(epoch from completed_at) * 1000)::float8',
  error: 'error_message',
  idempotencyKey: 'idempotency_key',
  fingerprint: 'fingerprint',
  isRetryRequested: 'retry_requested_at is not null',
} as const;

/** For SELECT and RETURNING; `jobOf` reads such a row. */
export const JOB_COLUMNS = Object.entries(COLUMNS)
  .map(([name, column]) => `${column} as "${name}"`)
  .join(', ');

export type JobRow = Readonly<Record<keyof typeof COLUMNS, unknown>>;

const COUNTED = [
  'total',
  'processed',
  'failed',
  'enriched',
  'notFound',
  'ambiguous',
  'cancelled',
  'fed',
  'rejected',
  'duplicates',
] as const;

export function jobOf(row: JobRow): Job {
  const counted = Object.fromEntries(COUNTED.map((name) => [name, row[name]])) as unknown as Omit<
    JobCounts,
    'unfed'
  >;
  const rest = Object.entries(row).filter(
    ([name, value]) => value !== null && !(COUNTED as readonly string[]).includes(name),
  );
  const { total, processed, failed, fed } = counted;
  const counts = { ...counted, unfed: total - processed - failed - fed };
  return { ...(Object.fromEntries(rest) as unknown as Omit<Job, 'counts'>), counts };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Anything else would be refused by the database as an error of ours. */
export const isJobId = (id: string): boolean => UUID.test(id);
