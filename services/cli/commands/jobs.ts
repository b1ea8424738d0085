import type { Command } from 'commander';
import { addJobActs } from './jobs/acts.ts';
import { addJobList } from './jobs/list.ts';
import { addReconcile } from './jobs/reconcile.ts';
import { addJobResults } from './jobs/results.ts';
import { addJobShow } from './jobs/show.ts';
import { addJobWatch } from './jobs/watch.ts';

const HELP = `
Where to begin:
  $ enrich submit tracks.csv --watch      make one
  $ enrich jobs list --status running     the newest first
  $ enrich jobs watch <id>                until it has ended; Ctrl-C leaves it running
  $ enrich jobs results <id> -o out.csv   what came of every task, also while it runs

Exit codes: 0 done, 1 it did not work out, 2 usage, 3 tasks of the job failed, 4 key refused, 5 no such job, 6 too many
requests, 75 the API is not there, 130 Ctrl-C.`;

/** `enrich jobs …`: over the HTTP API, but `reconcile`, which looks at the servers themselves. */
export function addJobs(program: Command): void {
  const jobs = program.command('jobs').description('Watch jobs, steer them, and fetch what came of them.');
  jobs.addHelpText('after', HELP);
  for (const add of [addJobList, addJobShow, addJobWatch, addJobActs, addJobResults, addReconcile]) add(jobs);
}
