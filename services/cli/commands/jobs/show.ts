import type { Command } from 'commander';
import { interruptible } from '../../interruption.ts';
import { jobText } from '../../jobs/job-text.ts';
import { loadJob } from '../../jobs/watch-job.ts';
import { apiAddress } from '../../jobs/watch-to-end.ts';

/** `enrich jobs show`. */
export function addJobShow(jobs: Command): void {
  jobs
    .command('show')
    .alias('get')
    .argument('<id>', 'a job of enrich jobs list')
    .description('Everything about one job, as it is now.')
    .option('--json', 'print one JSON document instead of text')
    .action(async (jobId: string, { json }: { readonly json?: boolean }) => {
      const job = await loadJob(apiAddress(), jobId, interruptible());
      process.stdout.write(`${json === true ? JSON.stringify(job, undefined, 2) : jobText(job)}\n`);
    });
}
