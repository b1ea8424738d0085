import type { Command } from 'commander';
import { parseCount } from '../../dlq/filter-options.ts';
import { askJson } from '../../api/api.ts';
import { interruptible } from '../../interruption.ts';
import { jobsTable } from '../../jobs/job-text.ts';
import { jobPageSchema } from '../../jobs/job-view.ts';
import { apiAddress } from '../../jobs/watch-to-end.ts';

interface Flags {
  readonly status?: string;
  readonly pipeline?: string;
  readonly label?: string;
  readonly owner?: string;
  readonly limit: number;
  readonly cursor?: string;
  readonly json?: boolean;
}

/** `enrich jobs list`. */
export function addJobList(jobs: Command): void {
  jobs
    .command('list')
    .alias('ls')
    .description('Jobs, the newest first.')
    .option('--status <names>', 'in one of these: queued,running,paused,completed,failed …')
    .option('--pipeline <name>', 'of this pipeline')
    .option('--label <text>', 'with this label')
    .option('--owner <name>', 'of this owner; needs the key of an admin')
    .option('--limit <n>', 'so many', parseCount, 20)
    .option('--cursor <text>', 'the page after the one that said so')
    .option('--json', 'print one JSON document instead of text')
    .action(async ({ json, limit, ...filter }: Flags) => {
      const query = { ...filter, limit: String(limit) };
      const page = await askJson(apiAddress(), '/v1/jobs', jobPageSchema, { query, signal: interruptible() });
      if (json === true) return void process.stdout.write(`${JSON.stringify(page, undefined, 2)}\n`);
      const isEmpty = page.data.length === 0;
      process.stdout.write(`${isEmpty ? 'No jobs. Make one: enrich submit <file>' : jobsTable(page.data)}\n`);
      if (page.next_cursor !== null) process.stderr.write(`More: --cursor ${page.next_cursor}\n`);
    });
}
