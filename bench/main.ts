/** `npm run -s bench -- <scenario> [--json]`. Figures beside what they are held against, never pass or fail. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openBenchSystem, type BenchSystem } from './bench-system.ts';
import { API_PARTS, measureApi } from './api/api.ts';
import { LANES } from '../shared/task/task.ts';
import { measureCold } from './cold.ts';
import { measureDuplicates } from './duplicates.ts';
import { measureFairness } from './fairness.ts';
import { measureIsolation, TROUBLE_NAMES } from './isolation.ts';
import { measureIdleLatency } from './idle-latency.ts';
import { LIMIT_PARTS, measureLimits } from './limits.ts';
import { measurePublish } from './publish.ts';
import { measurePublishFile } from './publish-file.ts';
import { compare, measureRatios, type Ratios } from './ratios.ts';
import { CREW_NAMES, measureUrgent } from './urgent.ts';
import { measureBacklog } from './warm/backlog.ts';
import { measureVariant, VARIANT_NAMES } from './warm/variants.ts';
import { measureWarm } from './warm/warm.ts';

const USAGE = `usage: npm run -s bench -- <scenario> [--json]

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

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
    workers: { type: 'string', default: '1,3,10' },
    seconds: { type: 'string' },
    only: { type: 'string' },
    lane: { type: 'string' },
    samples: { type: 'string' },
    backlog: { type: 'string' },
    tasks: { type: 'string' },
    rounds: { type: 'string' },
    large: { type: 'string', default: '200000' },
    small: { type: 'string', default: '100' },
  },
});

type Scenario = (system: BenchSystem) => Promise<readonly object[]>;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  limits: (system) =>
    measureLimits(system, {
      parts: chosen(values.only, LIMIT_PARTS),
      workerCounts: values.workers.split(',').map(Number),
      seconds: Number(values.seconds ?? '105'),
      say,
    }),
  duplicates: async (system) => [await measureDuplicates(system, say)],
  isolation: (system) =>
    measureIsolation(system, {
      lanes: chosen(values.lane, LANES),
      troubles: chosen(values.only, TROUBLE_NAMES),
      seconds: Number(values.seconds ?? '120'),
      say,
    }),
  urgent: (system) =>
    measureUrgent(system, {
      crews: chosen(values.only, CREW_NAMES),
      samples: Number(values.samples ?? '100'),
      backlog: Number(values.backlog ?? '100000'),
      say,
    }),
  warm: (system) =>
    measureWarm(system, {
      ...amount(60_000, 3),
      only: values.only?.split(',') ?? [],
      say,
    }),
  ...Object.fromEntries(
    VARIANT_NAMES.map((name): [string, Scenario] => [
      name,
      (system) => measureVariant(system, name, { ...amount(60_000, 3), say }),
    ]),
  ),
  backlog: (system) => measureBacklog(system, { backlog: Number(values.backlog ?? '1000000'), say }),
  'publish-file': async (system) => [
    await measurePublishFile(system, { rows: amount(1_000_000, 1).tasks, say }),
  ],
  cold: (system) => measureCold(system, say),
  publish: async (system) => [await measurePublish(system, { ...amount(60_000, 3), say })],
  idle: async (system) => [await measureIdleLatency(system, amount(1_000, 1).tasks)],
  quick: async (system) => {
    const ratios = await measureRatios(system, { ...amount(16_000, 1), say });
    return values.json ? [ratios] : compare(ratios);
  },
  api: (system) => measureApi(system, { parts: chosen(values.only, API_PARTS), say }),
  fairness: async (system) => [
    await measureFairness(system, {
      large: Number(values.large),
      small: Number(values.small),
      rounds: Number(values.samples ?? '5'),
      say,
    }),
  ],
};

function amount(tasks: number, rounds: number): { tasks: number; rounds: number } {
  return { tasks: Number(values.tasks ?? tasks), rounds: Number(values.rounds ?? rounds) };
}

/** Those that are named, or all. Throws for a name that is none of them. */
function chosen<Name extends string>(named: string | undefined, all: readonly Name[]): readonly Name[] {
  const names = named?.split(',') ?? all;
  const unknown = names.find((name) => !all.some((one) => one === name));
  if (unknown !== undefined) throw new Error(`expected one of ${all.join(', ')}, got '${unknown}'`);
  return all.filter((one) => names.includes(one));
}

async function main(): Promise<number> {
  const [name = '', file] = positionals;
  if (name === 'compare' && file !== undefined) {
    const [ratios] = JSON.parse(readFileSync(file, 'utf8')) as [Ratios];
    console.table(compare(ratios));
    return 0;
  }
  const scenario = SCENARIOS[name];
  if (values.help || scenario === undefined) {
    say(USAGE);
    return values.help ? 0 : 2;
  }
  const system = await openBenchSystem('bench', say);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // What was started runs in sessions of its own, and would go on without this process.
    process.once(signal, () => void system.close().finally(() => process.exit(1)));
  }
  try {
    const results = await scenario(system);
    if (values.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
    else console.table(results);
    return 0;
  } finally {
    await system.close();
  }
}

// The processes of a run do not keep this one alive by themselves.
const alive = setInterval(() => undefined, 60_000);
try {
  process.exitCode = await main();
} finally {
  clearInterval(alive);
}
