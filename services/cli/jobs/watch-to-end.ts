import type { ApiAddress } from '../api/api.ts';
import { loadConfig } from '../config.ts';
import { EXIT } from '../exit-code.ts';
import { isAnimated } from '../is-animated.ts';
import { ProgressLine } from '../progress-line.ts';
import { jobText, outcomesText } from './job-text.ts';
import type { JobView } from './job-view.ts';
import { watchJob } from './watch-job.ts';

/** Where the environment says that the API is. Throws ConfigError. */
export function apiAddress(): ApiAddress {
  const { apiUrl: url, apiKey: key } = loadConfig();
  return { url, key };
}

export interface WatchToEndOptions {
  readonly jobId: string;
  readonly isJson: boolean;
  /** Aborted by Ctrl-C: how to come back is said then. */
  readonly signal: AbortSignal;
}

/** Shows a job until it has ended, then what came of it; resolves with the exit code that this stands for. */
export async function watchToEnd(
  address: ApiAddress,
  { jobId, isJson, signal }: WatchToEndOptions,
): Promise<number> {
  const { stdout, stderr } = process;
  const isShown = isAnimated(stderr);
  const progress = new ProgressLine({ stream: stderr, isShown, unit: 'tasks' });
  try {
    const job = await watchJob(address, { jobId, signal, stderr, isAnimated: isShown, progress });
    stdout.write(`${isJson ? JSON.stringify(job, undefined, 2) : endText(job)}\n`);
    if (!isJson) stderr.write(`${nextStep(job)}\n`);
    return exitCodeOfEnd(job);
  } catch (error) {
    stderr.write(`The job goes on without you. Come back with: enrich jobs watch ${jobId}\n`);
    throw error;
  }
}

const endText = (job: JobView): string =>
  job.error === null ? `Job ${job.id} ${job.status}: ${outcomesText(job)}.` : jobText(job);

const nextStep = ({ id, counts }: JobView): string =>
  counts.failed > 0
    ? `Next: enrich jobs retry ${id}, or enrich dlq groups to see what they died of`
    : `Next: enrich jobs results ${id} -o results.csv`;

/** 0 done, 3 some tasks failed, 1 it did not get there. */
function exitCodeOfEnd({ status, counts }: JobView): number {
  if (status === 'completed') return counts.failed > 0 ? EXIT.someRejected : EXIT.ok;
  return status === 'completed_with_errors' ? EXIT.someRejected : EXIT.failure;
}
