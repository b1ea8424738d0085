import { counter, gauge, histogram } from './metric-kinds.ts';

const JOB_SECONDS = [1, 10, 60, 300, 1_800, 3_600, 21_600];

/** Of jobs and of what is told about them. The gauges are read from Postgres, by the process that exports what waits. */
export const jobMetrics = {
  jobs: gauge(
    'enrichment_jobs',
    'Jobs that have not ended, and all that were submitted within a day. Exported by one process for all.',
    ['status'],
  ),
  jobSeconds: histogram(
    'enrichment_job_duration_seconds',
    'From the submission of a job to its end, as the worker sees it that settles its last task.',
    [],
    JOB_SECONDS,
  ),
  outboxPending: gauge(
    'enrichment_outbox_pending',
    'Tasks of jobs that are not in the broker yet. Many are no fault: jobs are fed bit by bit. Exported by one process for all.',
    ['pipeline'],
  ),
  outboxAge: gauge(
    'enrichment_outbox_oldest_age_seconds',
    'Since a job last moved that may be fed and has nothing in the broker; 0 without one. Exported by one process for all.',
    ['pipeline'],
  ),
  webhooksWaiting: gauge(
    'enrichment_webhooks_waiting',
    'Webhooks of enabled endpoints that are not delivered. Exported by one process for all.',
    ['state'],
  ),
  webhooksLate: gauge(
    'enrichment_webhooks_oldest_due_age_seconds',
    'Since the oldest try that is due should have been made; 0 without one. Exported by one process for all.',
    ['state'],
  ),
  webhookDeliveries: counter(
    'enrichment_webhook_deliveries_total',
    'Tries of webhooks, by what came of them.',
    ['outcome'],
  ),
};
