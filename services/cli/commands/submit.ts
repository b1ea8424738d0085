import { type Command, Option } from 'commander';
import { openInput } from '../../../shared/input/open-input.ts';
import { InputError } from '../../../shared/input/raw-row.ts';
import { pipelines } from '../../../shared/pipelines/registry.ts';
import { LANES, STRATEGIES } from '../../../shared/task/task.ts';
import type { ApiAddress } from '../api/api.ts';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interruption.ts';
import { isAnimated } from '../is-animated.ts';
import { submittedText } from '../jobs/job-text.ts';
import type { SubmittedView } from '../jobs/job-view.ts';
import { type JobOptions, submitFile } from '../jobs/submit-file.ts';
import { apiAddress, watchToEnd } from '../jobs/watch-to-end.ts';
import { ProgressLine } from '../progress-line.ts';

const HELP = `
CSV, JSON and NDJSON are read, from a file or from standard input (-), with flat memory. A submission that broke off is gone
on with by the same command: the job is made once. Ctrl-C while watching leaves the job running.

Examples:
  $ enrich submit tracks.csv --watch                  a job, and how it goes
  $ enrich submit movies.csv --pipeline movies --map 'title=Title,year="Release Date"' --label friday
  $ zcat scraped.ndjson.gz | enrich submit - --lane backlog
  $ enrich submit tracks.csv --force                  a new job, though the same file was submitted within a day

The API is found by ENRICHMENT_API_URL; its key by ENRICHMENT_API_KEY or ENRICHMENT_API_KEY_FILE. In a clone the system that
npm start runs is found by itself.
Exit codes: 0 done, 1 the job failed or was cancelled, 2 usage, 3 some rows rejected or tasks failed, 4 key refused,
6 too much at once, 75 the API is not there, 130 Ctrl-C.`;

interface Flags {
  readonly pipeline: string;
  readonly lane?: string;
  readonly priority?: string;
  readonly providers?: string;
  readonly strategy?: string;
  readonly refresh?: boolean;
  readonly label?: string;
  readonly map?: string;
  readonly deadline?: string;
  readonly callbackUrl?: string;
  readonly force?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** `enrich submit`: sets the exit code, and writes the job to stdout and everything else to stderr. */
export function addSubmit(program: Command): void {
  const names = pipelines.map(({ name }) => name);
  program
    .command('submit')
    .argument('<file>', 'CSV, JSON or NDJSON; - for standard input')
    .description('Make a job of a file, over the HTTP API, and watch it if you like.')
    .addOption(new Option('--pipeline <name>', 'what the records are').choices(names).default(names[0]))
    .addOption(new Option('--lane <name>', 'default: told by the priority').choices(LANES))
    .option('--priority <0-10>', 'of rows that have none of their own')
    .option('--providers <names>', 'ask these instead of the usual ones: spotify,musicbrainz')
    .addOption(new Option('--strategy <name>', 'stop at the first match, or merge all').choices(STRATEGIES))
    .option('--refresh', 'answers that are cached now do not count')
    .option('--label <text>', 'for you: lists can be filtered by it')
    .option('--map <field=column,…>', 'which column fills which field')
    .option('--deadline <time>', 'what is not settled then is cancelled: 2031-05-01T12:00:00Z')
    .option('--callback-url <url>', 'is told when the job ends')
    .option('--force', 'a new job, though the same file was submitted within a day')
    .option('--watch', 'stay until the job has ended')
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', HELP)
    .action(async (file: string, flags: Flags) => {
      process.exitCode = await submit(file, flags);
    });
}

async function submit(file: string, flags: Flags): Promise<number> {
  const { stdout, stderr } = process;
  const signal = interruptible();
  const address = apiAddress();
  const job = await upload(address, file, flags, signal);
  for (const { line, field, value, reason } of job.rejected_rows)
    stderr.write(`line ${line}: ${field} '${value}': ${reason}\n`);
  const isJson = flags.json === true;
  if (flags.watch === true) {
    stderr.write(`${submittedText(job)}\n`);
    const code = await watchToEnd(address, { jobId: job.id, isJson, signal });
    return code === EXIT.ok && job.counts.rejected > 0 ? EXIT.someRejected : code;
  }
  stdout.write(`${isJson ? JSON.stringify(job, undefined, 2) : submittedText(job)}\n`);
  if (!isJson) stderr.write(`Next: enrich jobs watch ${job.id}\n`);
  return job.counts.rejected > 0 ? EXIT.someRejected : EXIT.ok;
}

async function upload(
  address: ApiAddress,
  file: string,
  flags: Flags,
  signal: AbortSignal,
): Promise<SubmittedView> {
  const { stdin, stderr } = process;
  if (file === '-' && stdin.isTTY)
    throw new InputError('- reads standard input, but nothing is piped into it: cat file | enrich submit -');
  const input = await openInput(file, { stdin, isRewindable: true });
  const progress = new ProgressLine({ stream: stderr, isShown: isAnimated(stderr), unit: 'bytes' });
  let sent = 0;
  let remark: string | undefined;
  progress.start(() => ({
    count: sent,
    ...(input.size !== undefined && { fraction: sent / Math.max(1, input.size) }),
    ...(remark !== undefined && { remark }),
  }));
  try {
    return await submitFile(address, {
      input,
      file,
      options: optionsOf(flags),
      isForced: flags.force === true,
      signal,
      onSent: (bytes) => {
        sent = bytes;
      },
      // It may take many attempts: the first one is worth a line.
      onBroken: ({ message }) => {
        if (remark === undefined) progress.say(`${message}; it is sent again until it is accepted`);
        remark = 'sent again';
      },
    });
  } catch (error) {
    if (signal.aborted) progress.say('Nothing is submitted yet; the same command goes on with it.');
    throw error;
  } finally {
    progress.end();
    await input.close();
  }
}

const optionsOf = (flags: Flags): JobOptions => ({
  pipeline: flags.pipeline,
  lane: flags.lane,
  priority: flags.priority,
  providers: flags.providers,
  strategy: flags.strategy,
  label: flags.label,
  map: flags.map,
  deadline: flags.deadline,
  callback_url: flags.callbackUrl,
  ...(flags.refresh === true && { refresh: '1' }),
});
