/** `npm run -s bench -- <scenario> [--json]`. Figures beside what they are held against, never pass or fail. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openBenchSystem, type BenchSystem } from './bench-system.ts';
import { compare, type Ratios } from './ratios.ts';
import { type BenchOptions, FULL, scenariosOf } from './scenarios.ts';

const USAGE = `usage: npm run -s bench -- [<scenario>] [--json]

Without a scenario: all that speak of speed, in half an hour, from publish to backlog.

  limits       how much of a provider's rate is used, and whether it is ever exceeded
                 --workers 1,3,10   worker processes, one steady run each
                 --seconds 105      of slow limits: a hundred requests at one a second
                 --only steady,disturbed,retry-after
  duplicates   look-ups made for 10,000 tasks over 1,000 distinct entities
  isolation    what tasks come to beside others that need a slow or broken provider
                 --only slow,503,hanging,paused   these troubles
                 --lane backlog                   of this lane alone
                 --seconds 120                    of each run; every lane has one more, without trouble
  urgent       the wait of urgent tasks at a provider for which 100,000 backlog tasks wait
                 --only roles,10,3                these workers; roles = 3 of both lanes and 1 of the backlog
                 --samples 100                    urgent tasks
                 --backlog 100000                 backlog tasks
  warm         tasks whose answers are all cached, beside the limits of this machine and what other systems do
                 --tasks 60000      of each contender and round; the slow ones get a part of them
                 --rounds 3         the contenders take turns
                 --only pipeline    contenders whose names begin so, separated by commas
  jobs         warm tasks of one job with its progress, beside tasks without a job
  quorum       warm tasks from a quorum queue, beside a classic one
  prefetch     warm tasks with 1 to 1,000 deliveries held, beside the default of 500
  workers      warm tasks by 1 to 8 workers, which serve before the first task is published
  sizes        warm tasks with up to 64 KiB more in each message
  mixed        60 % warm tasks, the others looked up at a slow provider, beside warm ones alone
                 --tasks 60000, --rounds 3 for each of these six
  backlog      the speed while 1,000,000 warm tasks wait, beside that near the end, and beside the bare loop's
                 --backlog 1000000
  publish-file enrich publish of a file, compiled: its speed and its memory
                 --tasks 1000000    rows
  cold         tasks that have to be looked up at a slow provider without a limit
  publish      confirmed publishing, in batches and one by one, beside bare amqplib
  idle         from publishing a warm task to its row, while nothing else happens
  quick        the ratios that the speed is judged by, within a minute, beside the committed baseline and the targets;
               with --json the ratios alone
  compare      <file> with such ratios, beside the baseline and the targets, without a run
  fairness     a small job beside a large one of another owner, against the same job alone
                 --large 200000     rows of the large one
                 --small 100        rows of the small ones
                 --samples 5        small jobs, one after the other
  api          what the HTTP API takes: a large upload, 500 status requests a second, 500 event streams, a long list
                 --only upload,status,streams,list

It starts servers of its own and stops them; progress on stderr, results on stdout.`;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
    workers: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string' },
    lane: { type: 'string' },
    samples: { type: 'string' },
    backlog: { type: 'string' },
    tasks: { type: 'string' },
    rounds: { type: 'string' },
    large: { type: 'string' },
    small: { type: 'string' },
  },
});

async function main(): Promise<number> {
  const [name, file] = positionals;
  if (name === 'compare' && file !== undefined) {
    const [ratios] = JSON.parse(readFileSync(file, 'utf8')) as [Ratios];
    console.table(compare(ratios));
    return 0;
  }
  const wanted = name === undefined ? FULL : { [name]: options };
  if (options.help || (name !== undefined && scenariosOf(options, say)[name] === undefined)) {
    say(USAGE);
    return options.help ? 0 : 2;
  }
  const system = await openBenchSystem('bench', say);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // What was started runs in sessions of its own, and would go on without this process.
    process.once(signal, () => void system.close().finally(() => process.exit(1)));
  }
  try {
    await run(system, wanted);
    return 0;
  } finally {
    await system.close();
  }
}

/** Prints each result as soon as it is there; as JSON, all of them at the end: of a lone scenario, its rows alone. */
async function run(system: BenchSystem, wanted: Readonly<Record<string, BenchOptions>>): Promise<void> {
  const results: Record<string, readonly object[]> = {};
  for (const [name, own] of Object.entries(wanted)) {
    const began = performance.now();
    const rows = (await scenariosOf({ ...own, ...options }, say)[name]?.(system)) ?? [];
    results[name] = rows;
    say(`${name}: ${Math.round((performance.now() - began) / 1_000)} s`);
    if (!options.json) console.table(name === 'quick' ? compare(rows[0] as Ratios) : rows);
  }
  const [only, ...others] = Object.values(results);
  if (options.json) print(others.length === 0 ? only : results);
}

const print = (document: unknown): void => {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
};

// The processes of a run do not keep this one alive by themselves.
const alive = setInterval(() => undefined, 60_000);
try {
  process.exitCode = await main();
} finally {
  clearInterval(alive);
}
