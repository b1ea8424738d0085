/** `npm run -s faults`: exit 0 when every invariant of every fault held. */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../infra/local-stack/ports.ts';
import { SystemProcess } from '../../infra/local-system/system-process.ts';
import { withProcessLock } from '../../infra/process-lock.js';
import { ensureTemplateDatabase } from '../template-database.ts';
import type { Fault, QueueType } from './fault.ts';
import { FaultStack } from './fault-stack.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { sandboxEnvironment } from './provider-limits.ts';
import { writeReliabilityPage } from './reliability-page.ts';
import { heading, type Report, resultLines } from './report.ts';
import { FAULTS } from './rows/catalogue.ts';
import { type Result, runFault } from './run-fault.ts';
import { SandboxControl } from './sandbox-control.ts';
import type { RunParts } from './scene-options.ts';
import { serverVersions } from './server-versions.ts';

const root = join(import.meta.dirname, '..', '..');
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options.show === 'help') print(HELP);
  else if (options.show === 'list')
    for (const { id, title, injection } of FAULTS) print(`${id}  ${title}: ${injection}`);
  else if (options.pageOf.length > 0) await writeReliabilityPage(options.pageOf);
  else return withProcessLock(join(root, '.stack', 'faults.lock'), () => run(options, args), { onWait });
  return 0;
}

const onWait = (): void => {
  say('Another run of the faults uses their servers: waiting for it …');
};

async function run(options: Options, args: readonly string[]): Promise<number> {
  const stack = await FaultStack.start(say, options.brokerImage);
  const sandbox = await startSandbox(options.seed);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      say('Stopping the servers …');
      void Promise.all([sandbox.stop(), stack.stop()]).finally(() => process.exit(130));
    });
  }
  try {
    const template = await ensureTemplateDatabase(
      stack.urls.DATABASE_URL,
      join(root, 'infra/postgres/migrations'),
    );
    const parts: RunParts = { stack, sandbox: sandbox.control, template, seed: options.seed };
    const { results, broken } = await runAll(options, parts);
    const report: Report = {
      date: new Date().toISOString(),
      command: ['npm run -s faults', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
      versions: await serverVersions(stack.urls),
      cores: cpus().length,
      results,
      broken,
    };
    if (options.json) print(JSON.stringify(report, null, 2));
    return broken.length === 0 && results.every(({ held }) => held) ? 0 : 1;
  } finally {
    await sandbox.stop();
    await stack.stop();
  }
}

async function runAll(options: Options, parts: RunParts): Promise<Pick<Report, 'results' | 'broken'>> {
  // A document on stdout leaves the table to stderr.
  const show = options.json ? say : print;
  const results: Result[] = [];
  const broken: { id: string; queueType: QueueType; error: string }[] = [];
  show(heading());
  for (const fault of FAULTS.filter(({ id }) => options.ids.includes(id))) {
    for (const queueType of typesOf(fault, options)) {
      try {
        const result = await runFault(fault, queueType, parts);
        results.push(result);
        for (const text of resultLines(result)) show(text);
      } catch (error) {
        const text = (error as Error).stack ?? String(error);
        broken.push({ id: fault.id, queueType, error: text });
        show(`${fault.id}  ${fault.title}: could not be brought about: ${text}`);
      }
    }
  }
  return { results, broken };
}

const typesOf = ({ queueTypes }: Fault, { queueType }: Options): readonly QueueType[] =>
  queueTypes ?? [queueType];

async function startSandbox(seed: number): Promise<{ control: SandboxControl; stop: () => Promise<void> }> {
  const [port = 0] = await freePorts([undefined]);
  const url = `http://127.0.0.1:${port}`;
  const spec = {
    name: 'provider-sandbox',
    entry: 'services/provider-sandbox/main.ts',
    env: sandboxEnvironment(port, seed),
    serves: { what: 'provider sandbox', url, readyPath: '/_control/stats' },
    graceMs: 5_000,
  };
  const place = { root, logDir: join(root, '.stack', 'faults-logs'), env: { PATH: process.env['PATH'] } };
  const sandbox = await SystemProcess.start(spec, place);
  await sandbox.ready(spec, AbortSignal.timeout(60_000));
  return { control: new SandboxControl(url), stop: () => sandbox.stop() };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
}
