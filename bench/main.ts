/** `npm run -s bench -- limits | duplicates [--workers 1,3,10] [--seconds 100] [--json]`. Figures, never pass or fail. */
import { parseArgs } from 'node:util';
import { openBenchSystem, type BenchSystem } from './bench-system.ts';
import { measureDuplicates } from './duplicates.ts';
import { measureLimits } from './limits.ts';

const USAGE = `usage: npm run -s bench -- <scenario> [--json]

  limits       how much of a provider's rate is used, and whether it is ever exceeded
                 --workers 1,3,10   worker processes, one run each
                 --seconds 100      of each run
  duplicates   look-ups made for 10,000 tasks over 1,000 distinct entities

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
    seconds: { type: 'string', default: '100' },
  },
});

type Scenario = (system: BenchSystem) => Promise<readonly object[]>;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  limits: (system) =>
    measureLimits(system, {
      workerCounts: values.workers.split(',').map(Number),
      seconds: Number(values.seconds),
      say,
    }),
  duplicates: async (system) => [await measureDuplicates(system, say)],
};

async function main(): Promise<number> {
  const scenario = SCENARIOS[positionals[0] ?? ''];
  if (values.help || scenario === undefined) {
    say(USAGE);
    return values.help ? 0 : 2;
  }
  const system = await openBenchSystem('bench', say);
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
process.exitCode = await main();
clearInterval(alive);
