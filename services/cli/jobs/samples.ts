/** A job as the HTTP API tells it, for tests. */
import type { JobView } from './job-view.ts';

export const NO_COUNTS = {
  total: 1_000,
  processed: 0,
  failed: 0,
  enriched: 0,
  not_found: 0,
  ambiguous: 0,
  cancelled: 0,
  running: 1_000,
  queued: 0,
  rejected: 0,
  duplicates: 0,
};

/** One of which nothing is settled yet. */
export const sampleJob = (more: Partial<JobView> = {}): JobView => ({
  id: 'j1',
  status: 'running',
  progress_percent: 0,
  counts: NO_COUNTS,
  rate_per_s: 0,
  eta_s: 5_000,
  pipeline: 'movies',
  owner: 'ann',
  lane: 'priority',
  priority: 5,
  label: null,
  requests: 0,
  cost_usd: 0,
  error: null,
  created_at: '2026-01-01T00:00:00.000Z',
  started_at: null,
  ended_at: null,
  ...more,
});
