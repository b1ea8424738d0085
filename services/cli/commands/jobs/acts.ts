import type { Command } from 'commander';
import { askJson } from '../../api/api.ts';
import { interruptible } from '../../interruption.ts';
import { outcomesText } from '../../jobs/job-text.ts';
import { jobSchema, pathOf } from '../../jobs/job-view.ts';
import { apiAddress } from '../../jobs/watch-to-end.ts';

interface Act {
  readonly name: 'cancel' | 'pause' | 'resume' | 'retry';
  readonly description: string;
  /** What to do after it, with the id of the job behind it. */
  readonly next: string;
}

const ACTS: readonly Act[] = [
  {
    name: 'cancel',
    description: 'Stop a job; what is settled already stays.',
    next: 'enrich jobs results',
  },
  {
    name: 'pause',
    description: 'Let a job rest: what is handed over goes on, nothing more follows.',
    next: 'enrich jobs resume',
  },
  { name: 'resume', description: 'Let a paused job go on.', next: 'enrich jobs watch' },
  { name: 'retry', description: 'Try the failed tasks of a job again.', next: 'enrich jobs watch' },
];

/** `enrich jobs cancel | pause | resume | retry`. */
export function addJobActs(jobs: Command): void {
  for (const { name, description, next } of ACTS) {
    jobs
      .command(name)
      .argument('<id>', 'a job of enrich jobs list')
      .description(description)
      .option('--json', 'print one JSON document instead of text')
      .action(async (jobId: string, { json }: { readonly json?: boolean }) => {
        const ask = { method: 'POST' as const, signal: interruptible() };
        const job = await askJson(apiAddress(), `${pathOf(jobId)}/${name}`, jobSchema, ask);
        const text = `Job ${job.id} is ${job.status}: ${outcomesText(job)}.`;
        process.stdout.write(`${json === true ? JSON.stringify(job, undefined, 2) : text}\n`);
        if (json !== true) process.stderr.write(`Next: ${next} ${job.id}\n`);
      });
  }
}
