/** When a job will be done, from what its tasks really wait for. */
import { listProviderReports, type ReportSources } from '../../../shared/controls/list-provider-reports.ts';
import type { ProviderReport } from '../../../shared/controls/provider-report.ts';
import { pipelineNamed } from '../../../shared/pipelines/registry.ts';
import { hasEnded, type Job } from '../../../shared/postgres/jobs/job.ts';
import { etaByPace } from './job-document.ts';

/** Asking all gates costs a few milliseconds of Redis and broker: the answer is shared for so long. */
const KEPT_MS = 2_000;

/**
 * The pace of the latest seconds where there is one; else what waits at the first provider that the job asks, and then
 * the job's own rows at that provider's rate. Undefined = it waits for somebody, or nobody can tell.
 */
export function createEta(sources: ReportSources): (job: Job) => Promise<number | undefined> {
  let reports: Promise<readonly ProviderReport[]> = Promise.resolve([]);
  let until = 0;
  return async (job) => {
    const paced = etaByPace(job);
    if (paced !== undefined || hasEnded(job.status) || job.status === 'paused') return paced;
    if (Date.now() >= until) {
      until = Date.now() + KEPT_MS;
      reports = listProviderReports(sources).catch(() => []);
    }
    return etaByProvider(job, await reports);
  };
}

/** Pure: for tests. */
export function etaByProvider(job: Job, reports: readonly ProviderReport[]): number | undefined {
  const chain = job.providers ?? pipelineNamed(job.pipeline)?.chain ?? [];
  const first = chain
    .map((name) => reports.find((report) => report.name === name))
    .find((report) => report !== undefined && report.mode !== 'off');
  if (first?.etaSeconds === undefined) return undefined;
  const perSecond = (first.rate.count / first.rate.windowMs) * 1_000 * first.factor;
  const left = job.counts.total - job.counts.processed - job.counts.failed;
  return first.etaSeconds + Math.max(0, left - job.counts.fed) / perSecond;
}
