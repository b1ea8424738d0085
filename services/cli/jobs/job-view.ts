/** As much of a job as the command line shows; whatever else the API says is kept for `--json`. */
import { z } from 'zod';

export const progressSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  progress_percent: z.number(),
  counts: z.looseObject({
    total: z.number(),
    processed: z.number(),
    failed: z.number(),
    enriched: z.number(),
    not_found: z.number(),
    ambiguous: z.number(),
    cancelled: z.number(),
    running: z.number(),
    queued: z.number(),
    rejected: z.number(),
    duplicates: z.number(),
  }),
  rate_per_s: z.number(),
  eta_s: z.number().nullable(),
});

export const jobSchema = progressSchema.extend({
  pipeline: z.string(),
  owner: z.string(),
  lane: z.string(),
  priority: z.number(),
  label: z.string().nullable(),
  requests: z.number(),
  cost_usd: z.number(),
  error: z.string().nullable(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  /** Of a single job only. */
  position: z.number().nullish(),
});

export const submittedSchema = jobSchema.extend({
  rows: z.number(),
  is_new: z.boolean(),
  rejected_rows: z.array(
    z.object({ line: z.number(), field: z.string(), value: z.string(), reason: z.string() }),
  ),
});

export const jobPageSchema = z.object({ data: z.array(jobSchema), next_cursor: z.string().nullable() });

export type JobProgress = z.output<typeof progressSchema>;
export type JobView = z.output<typeof jobSchema>;
export type SubmittedView = z.output<typeof submittedSchema>;

export const pathOf = (jobId: string): string => `/v1/jobs/${encodeURIComponent(jobId)}`;
