/** What Postgres says of jobs and webhooks, as metrics. Set by the process that exports what waits, and by it alone. */
import type { Metrics } from '../observability/metrics.ts';
import { pipelines } from '../pipelines/registry.ts';
import { countJobs, countOutbox, countWaitingWebhooks } from '../postgres/jobs/count-backlog.ts';
import { JOB_STATUSES } from '../postgres/jobs/job.ts';
import type { Pool } from '../postgres/pool.ts';

/** One look. Rejects while the database is away. */
export async function setJobGauges({ of }: Metrics, pool: Pool): Promise<void> {
  // One after the other: whoever shares the pool has more urgent things to do.
  const jobs = await countJobs(pool);
  const outbox = await countOutbox(pool);
  const webhooks = await countWaitingWebhooks(pool);
  for (const status of JOB_STATUSES) of.jobs(status).set(jobs.get(status) ?? 0);
  for (const { name } of pipelines) {
    const { pending, oldestSeconds } = outbox.get(name) ?? { pending: 0, oldestSeconds: 0 };
    of.outboxPending(name).set(pending);
    of.outboxAge(name).set(oldestSeconds);
  }
  of.webhooksWaiting('due').set(webhooks.due);
  of.webhooksWaiting('later').set(webhooks.later);
  of.webhooksLate('due').set(webhooks.oldestSeconds);
}

/** Nothing of it is exported any more. */
export function forgetJobGauges(metrics: Metrics): void {
  for (const gauge of [
    metrics.jobs,
    metrics.outboxPending,
    metrics.outboxAge,
    metrics.webhooksWaiting,
    metrics.webhooksLate,
  ])
    gauge.reset();
}
