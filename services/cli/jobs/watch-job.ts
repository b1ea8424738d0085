/** Shows how a job goes until it has ended. */
import type { Writable } from 'node:stream';
import { type ApiAddress, askJson } from '../api/api.ts';
import type { ProgressLine } from '../progress-line.ts';
import { followJob } from './follow-job.ts';
import { drawnProgress, plainProgress } from './job-text.ts';
import { type JobProgress, jobSchema, type JobView, pathOf, progressSchema } from './job-view.ts';

/** Where nothing can be drawn over, a line is enough. */
const PLAIN_EVERY_MS = 10_000;

export interface WatchJobOptions {
  readonly jobId: string;
  readonly signal: AbortSignal;
  readonly stderr: Writable;
  /** Whether the line of progress is drawn; else there are plain lines. */
  readonly isAnimated: boolean;
  readonly progress: ProgressLine;
}

/** Resolves with the job as it ended. Rejects as `followJob` does; the job goes on whatever happens here. */
export async function watchJob(address: ApiAddress, options: WatchJobOptions): Promise<JobView> {
  const { jobId, signal, stderr, isAnimated, progress } = options;
  let latest: JobProgress = await loadJob(address, jobId, signal);
  let lostBecause: string | undefined;
  let saidAt = Number.NEGATIVE_INFINITY;
  const onLost = ({ message }: Error): void => {
    if (lostBecause === undefined && !isAnimated) stderr.write(`${message}; trying again\n`);
    lostBecause = message;
  };
  progress.start(() => ({
    ...drawnProgress(latest),
    ...(lostBecause !== undefined && { remark: 'connection lost, trying again' }),
  }));
  try {
    for await (const { event, data } of followJob(address, { jobId, signal, onLost })) {
      lostBecause = undefined;
      // What happened once is in the next progress as well.
      if (event !== 'job.progress') continue;
      const before = latest;
      latest = progressSchema.parse(JSON.parse(data));
      const isNews = latest.status !== before.status || performance.now() - saidAt >= PLAIN_EVERY_MS;
      if (isAnimated || !isNews) continue;
      saidAt = performance.now();
      stderr.write(`${plainProgress(latest)}\n`);
    }
  } finally {
    progress.end();
  }
  return loadJob(address, jobId, signal);
}

export const loadJob = (address: ApiAddress, jobId: string, signal: AbortSignal): Promise<JobView> =>
  askJson(address, pathOf(jobId), jobSchema, { signal });
