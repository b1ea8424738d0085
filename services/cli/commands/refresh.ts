import { hostname } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../../../shared/input/raw-row.ts';
import { pipelineNamed, pipelines } from '../../../shared/pipelines/registry.ts';
import { openPool } from '../../../shared/postgres/pool.ts';
import { TaskPublisher } from '../../../shared/rabbitmq/task-publisher.ts';
import { parseRate, type Rate } from '../../../shared/runtime/environment.ts';
import { loadConfig } from '../config.ts';
import { parseCount } from '../dlq/filter-options.ts';
import { EXIT } from '../exit-code.ts';
import { interruptible, Interruption } from '../interruption.ts';
import { isAnimated } from '../is-animated.ts';
import { parseSpan } from '../parse-span.ts';
import { ProgressLine, thousands } from '../progress-line.ts';
import { outgoingRows, type RefreshRequest } from '../../../shared/refresh/outgoing-rows.ts';
import { type Refreshed, refreshRows } from '../../../shared/refresh/refresh-rows.ts';
import { createStderrLog } from '../stderr-log.ts';
import { withTracing } from '../with-tracing.ts';

const EXAMPLES = `
--partial publishes the rows that lack a provider (it failed, or was closed for too long) and asks only that one.
--older-than publishes the rows whose newest value is older, and no answer of before counts. Both go to the backlog lane.

Examples:
  $ enrich refresh --pipeline tracks --partial --dry-run
  $ enrich refresh --pipeline movies --older-than 30d --limit 10000 --rate 50

Exit codes: 0 all published, 2 usage, 3 some were refused, 69 the queue is not there, 75 servers away, 130 Ctrl-C.`;

interface Flags {
  readonly pipeline: string;
  readonly partial?: boolean;
  readonly olderThan?: number;
  readonly limit?: number;
  readonly rate?: Rate;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const SERVICE = 'enrich-refresh';

/** `enrich refresh`. */
export function addRefresh(program: Command): void {
  const names = pipelines.map(({ name }) => name);
  program
    .command('refresh')
    .description('Have records looked up again that are stale, or lack a provider.')
    .addOption(new Option('--pipeline <name>', 'of this pipeline').choices(names).default(names[0]))
    .option('--partial', 'those that lack a provider')
    .addOption(
      new Option('--older-than <time>', 'those whose newest value is older: 12h, 30d')
        .argParser(parseSpan)
        .conflicts('partial'),
    )
    .option('--limit <n>', 'at most so many', parseCount)
    .option('--rate <n/s>', 'at most so many a second: 200, 200/s, 1000/m', parseRefreshRate)
    .option('--dry-run', 'only say how many there are')
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      const request = requestOf(flags);
      process.exitCode = await withTracing(SERVICE, () => refresh(request, flags));
    });
}

function requestOf({ pipeline: name, partial, olderThan, limit }: Flags): RefreshRequest {
  const pipeline = pipelineNamed(name);
  if (pipeline === undefined) throw new InputError(`there is no pipeline '${name}'`);
  if (partial !== true && olderThan === undefined)
    throw new InputError('which rows? Say --partial, or --older-than 30d');
  const now = Date.now();
  const wish = olderThan === undefined ? ({ partial: true } as const) : { olderThan: now - olderThan };
  return { pipeline, wish, now, ...(limit !== undefined && { limit }) };
}

async function refresh(request: RefreshRequest, { rate, dryRun, json }: Flags): Promise<number> {
  const { databaseUrl, rabbitmqUrl } = loadConfig();
  const { stdout, stderr } = process;
  const signal = interruptible();
  const pool = openPool({ url: databaseUrl, max: 1, applicationName: SERVICE });
  const progress = new ProgressLine({ stream: stderr, isShown: isAnimated(stderr), unit: 'rows' });
  let found = 0;
  progress.start(() => ({ count: found }));
  const rows = outgoingRows(pool, request, (count) => {
    found = count;
  });
  try {
    const refreshed =
      dryRun === true
        ? await count(rows, signal)
        : await refreshRows(rows, {
            signal,
            ...(rate && { rate }),
            publisher: new TaskPublisher({
              url: rabbitmqUrl,
              name: `${SERVICE}@${hostname()}`,
              log: createStderrLog(stderr),
            }),
          });
    progress.end();
    stdout.write(
      `${json === true ? documentOf(refreshed, dryRun === true) : textOf(refreshed, dryRun === true)}\n`,
    );
    if (signal.reason instanceof Interruption) return EXIT.interrupted;
    return refreshed.refused > 0 ? EXIT.someRejected : EXIT.ok;
  } finally {
    progress.end();
    await pool.end();
  }
}

async function count(rows: AsyncIterable<unknown>, signal: AbortSignal): Promise<Refreshed> {
  let found = 0;
  for await (const _row of rows) {
    if (signal.aborted) break;
    found += 1;
  }
  return { found, published: 0, refused: 0 };
}

const documentOf = ({ found, published, refused }: Refreshed, isDryRun: boolean): string =>
  JSON.stringify({ dry_run: isDryRun, found, published, refused });

function textOf({ found, published, refused }: Refreshed, isDryRun: boolean): string {
  if (isDryRun) return `Would publish ${thousands(found)} rows.`;
  const left = refused > 0 ? `, ${thousands(refused)} were refused` : '';
  return `Published ${thousands(published)} rows to the backlog${left}. Next: enrich providers --watch`;
}

function parseRefreshRate(raw: string): Rate {
  try {
    return parseRate(/^\d+$/.test(raw) ? `${raw}/s` : raw);
  } catch {
    throw new InvalidArgumentError('Expected rows by time, such as 200, 200/s or 1000/m.');
  }
}
