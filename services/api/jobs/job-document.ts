/** Jobs as clients see them. */
import { z } from 'zod';
import { hasEnded, type Job, JOB_STATUSES } from '../../../shared/postgres/jobs/job.ts';
import { LANES, STRATEGIES } from '../../../shared/task/task.ts';

const count = z.int().min(0);
const time = z.iso.datetime();

const countsSchema = z
  .object({
    total: count.describe('Tasks; the same entity twice is one.'),
    processed: count.describe('Settled well; never falls.'),
    failed: count.describe('Given up on; falls when a replay enriches one.'),
    enriched: count,
    not_found: count,
    ambiguous: count,
    cancelled: count,
    running: count.describe('In the broker or with a worker.'),
    queued: count.describe('Not in the broker yet.'),
    rejected: count.describe('Rows that made no task.'),
    duplicates: count.describe('Rows whose entity an earlier row has.'),
  })
  .meta({ id: 'JobCounts' });

export const progressSchema = z
  .object({
    id: z.uuid(),
    status: z.enum(JOB_STATUSES),
    progress_percent: z.number().describe('(processed + failed) / total.'),
    counts: countsSchema,
    rate_per_s: z.number().describe('Tasks settled a second, lately.'),
    eta_s: count.nullable().describe('Null = not known yet, or it waits for somebody.'),
    revision: count.describe('Rises with every change: the sequence id of its events.'),
  })
  .meta({ id: 'JobStatus' });

export const jobSchema = progressSchema
  .extend({
    pipeline: z.string(),
    owner: z.string(),
    lane: z.enum(LANES),
    priority: z.int(),
    strategy: z.enum(STRATEGIES),
    providers: z.array(z.string()).nullable(),
    label: z.string().nullable(),
    refresh_before: time.nullable().describe('Answers fetched earlier do not count.'),
    deadline: time.nullable(),
    callback_url: z.string().nullable(),
    requests: count.describe('To providers, so far.'),
    cost_usd: z.number(),
    is_retry_wanted: z.boolean().describe('Its failed tasks are about to be tried again.'),
    error: z.string().nullable(),
    created_at: time,
    started_at: time.nullable(),
    ended_at: time.nullable(),
    links: z.object({
      self: z.string(),
      status: z.string(),
      events: z.string(),
      ws: z.string(),
      tasks: z.string(),
      results: z.string(),
      rejects: z.string(),
      cancel: z.string(),
    }),
  })
  .meta({ id: 'Job' });

export const watchedJobSchema = jobSchema
  .extend({
    position: count
      .nullable()
      .describe('Jobs of its lane that are fed before it; an estimate. Null once it has ended.'),
  })
  .meta({ id: 'WatchedJob' });

export function progressDocument(job: Job, etaSeconds = etaByPace(job)): z.input<typeof progressSchema> {
  const { counts } = job;
  return {
    id: job.jobId,
    status: job.status,
    progress_percent: job.progressPercent,
    counts: {
      total: counts.total,
      processed: counts.processed,
      failed: counts.failed,
      enriched: counts.enriched,
      not_found: counts.notFound,
      ambiguous: counts.ambiguous,
      cancelled: counts.cancelled,
      running: Math.max(0, counts.fed),
      queued: Math.max(0, counts.unfed),
      rejected: counts.rejected,
      duplicates: counts.duplicates,
    },
    rate_per_s: hasEnded(job.status) ? 0 : Math.round(job.pace * 100) / 100,
    eta_s: etaSeconds === undefined ? null : Math.ceil(etaSeconds),
    revision: job.revision,
  };
}

export function jobDocument(job: Job, etaSeconds?: number): z.input<typeof jobSchema> {
  const self = `/v1/jobs/${job.jobId}`;
  return {
    ...progressDocument(job, etaSeconds ?? etaByPace(job)),
    pipeline: job.pipeline,
    owner: job.owner,
    lane: job.lane,
    priority: job.priority,
    strategy: job.strategy,
    providers: job.providers === undefined ? null : [...job.providers],
    label: job.label ?? null,
    refresh_before: isoOf(job.notBefore),
    deadline: isoOf(job.deadline),
    callback_url: callbackUrlOf(job),
    requests: job.requests,
    cost_usd: job.costUsd,
    is_retry_wanted: job.isRetryRequested,
    error: job.error ?? null,
    created_at: new Date(job.createdAt).toISOString(),
    started_at: isoOf(job.startedAt),
    ended_at: isoOf(job.endedAt),
    links: {
      self,
      status: `${self}/status`,
      events: `${self}/events`,
      ws: `${self}/ws`,
      tasks: `${self}/tasks`,
      results: `${self}/results`,
      rejects: `${self}/rejects`,
      cancel: `${self}/cancel`,
    },
  };
}

/** At the pace of the latest seconds; 0 once it has ended, undefined while nothing was measured or it is paused. */
export function etaByPace({ status, counts, pace }: Job): number | undefined {
  if (hasEnded(status)) return 0;
  if (pace <= 0 || status === 'paused' || status === 'receiving') return undefined;
  return (counts.total - counts.processed - counts.failed) / pace;
}

const isoOf = (at: number | undefined): string | null =>
  at === undefined ? null : new Date(at).toISOString();

function callbackUrlOf({ callback }: Job): string | null {
  if (typeof callback !== 'object' || callback === null || Array.isArray(callback)) return null;
  const { url } = callback;
  return typeof url === 'string' ? url : null;
}
