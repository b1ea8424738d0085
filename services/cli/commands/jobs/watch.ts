import type { Command } from 'commander';
import { interruptible } from '../../interruption.ts';
import { apiAddress, watchToEnd } from '../../jobs/watch-to-end.ts';

/** `enrich jobs watch`: the exit code says how the job ended. */
export function addJobWatch(jobs: Command): void {
  jobs
    .command('watch')
    .argument('<id>', 'a job of enrich jobs list')
    .description('Stay until the job has ended. Ctrl-C leaves it running.')
    .option('--json', 'print the job as one JSON document at the end')
    .action(async (jobId: string, { json }: { readonly json?: boolean }) => {
      const watch = { jobId, isJson: json === true, signal: interruptible() };
      process.exitCode = await watchToEnd(apiAddress(), watch);
    });
}
