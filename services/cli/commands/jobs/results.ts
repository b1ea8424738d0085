import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline as pump } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import { askApi, unreachable } from '../../api/api.ts';
import { InputError } from '../../../../shared/input/raw-row.ts';
import { interruptible } from '../../interruption.ts';
import { pathOf } from '../../jobs/job-view.ts';
import { apiAddress } from '../../jobs/watch-to-end.ts';

const FORMATS = ['csv', 'json', 'ndjson'] as const;
type Format = (typeof FORMATS)[number];

interface Flags {
  readonly output?: string;
  readonly format?: Format;
  readonly rejects?: boolean;
}

/** `enrich jobs results`. */
export function addJobResults(jobs: Command): void {
  jobs
    .command('results')
    .argument('<id>', 'a job of enrich jobs list')
    .description('Fetch what came of every task, also while the job runs.')
    .option('-o, --output <file>', 'written whole or not at all (default: standard output)')
    .addOption(new Option('--format <name>', 'default: told by the file, else csv').choices(FORMATS))
    .option('--rejects', 'the rows that were refused instead, in the form of the submitted file')
    .action(async (jobId: string, flags: Flags) => {
      await fetchResults(jobId, flags, interruptible());
    });
}

async function fetchResults(jobId: string, flags: Flags, signal: AbortSignal): Promise<void> {
  const { output, rejects } = flags;
  const address = apiAddress();
  const path = `${pathOf(jobId)}/${rejects === true ? 'rejects' : 'results'}`;
  const format = flags.format ?? formatOf(output) ?? (rejects === true ? undefined : 'csv');
  const { body } = await askApi(address, path, { query: { format }, signal });
  const lines = body === null ? Readable.from([]) : Readable.from(body);
  try {
    if (output === undefined) await pump(lines, process.stdout, { end: false, signal });
    else await writeWhole(output, (file) => pump(lines, file, { signal }));
  } catch (error) {
    throw unreachable(address.url, error, signal);
  }
  if (output !== undefined) process.stderr.write(`Written to ${output}\n`);
}

function formatOf(output: string | undefined): Format | undefined {
  const extension = output === undefined ? '' : extname(output).slice(1).toLowerCase();
  return FORMATS.find((format) => format === extension);
}

/** A download that breaks off leaves what was there before. */
async function writeWhole(path: string, fill: (file: Writable) => Promise<void>): Promise<void> {
  const unfinished = `${path}.${randomUUID().slice(0, 8)}.part`;
  try {
    await fill(createWriteStream(unfinished, { flags: 'wx' }));
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall !== 'open' && syscall !== 'rename') throw error;
    throw new InputError(`cannot write '${path}': ${code ?? String(error)}`, { cause: error });
  }
}
