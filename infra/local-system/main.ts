/** `npm start`: the whole system stays up until Ctrl-C. */
import { parseArgs } from 'node:util';
import { currentEnvironment } from '../../shared/runtime/environment.ts';
import { instanceOf, type Instance } from '../local-stack/instance.ts';
import { freePorts } from '../local-stack/ports.ts';
import { stackStatus } from '../local-stack/stack.ts';
import { interruptible, Interruption } from './interruption.ts';
import { LocalSystem, serversId } from './local-system.ts';
import { makeLocalKey, removeLocalKey } from './local-key.ts';
import { followLines } from './log-file.ts';
import { AlreadyRunning, oneAtATime } from './one-at-a-time.ts';
import { openOwnStack } from './own-stack.ts';
import { apiProcess, portsOf, sandboxUrlOf, systemProcesses, USUAL_PORTS } from './processes.ts';
import { loadProviders, providerEnvironment, type ProviderMode, speedNotice } from './provider-mode.ts';
import { startReport } from './start-report.ts';
import { readRecord } from './system-record.ts';

const HELP = `usage: npm start [-- options]

Starts RabbitMQ, Redis and PostgreSQL, declares the queues, and runs a worker, a backlog worker, the watch
over the dead letters (dlq-manager), the scheduler, the HTTP API and the provider sandbox until Ctrl-C.

  --live        ask the real services instead of the sandbox; those whose credentials are not in the
                environment are left out
  --speed <n>   the sandbox at n times the real limits (default 1); other than 1, <PROVIDER>_RATE_LIMIT,
                _DAILY_BUDGET and _MAX_IN_FLIGHT of the environment do not count
  --name <name> of the stack and everything that runs on it (default main)
  --help        this text
`;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

interface StartCommand {
  readonly mode: ProviderMode;
  readonly instance: Instance;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return 0;
  const { instance } = options;
  const signal = interruptible(() => {
    say('\nStopping everything that this command started; Ctrl-C again leaves at once …');
  });
  try {
    return await oneAtATime(instance, () => run(options, signal));
  } catch (error) {
    if (error instanceof AlreadyRunning) return showRunning(instance);
    if (error instanceof Interruption) return 130;
    throw error;
  }
}

function readOptions(): StartCommand | undefined {
  const { values } = parseArgs({
    options: {
      live: { type: 'boolean', default: false },
      speed: { type: 'string', default: '1' },
      name: { type: 'string', default: 'main' },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return undefined;
  }
  const speed = Number(values.speed);
  if (!(speed >= 1 && speed <= 1_000)) throw new Error(`--speed: expected 1 to 1000, got '${values.speed}'`);
  const mode: ProviderMode = values.live ? { kind: 'live' } : { kind: 'sandbox', speed, latency: 1 / speed };
  return { mode, instance: instanceOf(values.name) };
}

async function run({ mode, instance }: StartCommand, signal: AbortSignal): Promise<number> {
  const left = await LocalSystem.clear(instance);
  if (left.length > 0) say(`Stopped what an earlier start had left: ${left.join(', ')}`);
  const stack = await openOwnStack({ name: instance.name, report: say, isDisposable: false });
  try {
    const ports = portsOf(await freePorts(Object.values(USUAL_PORTS)));
    const providerEnv = providerEnvironment(await loadProviders(), mode, sandboxUrlOf(ports));
    const notice = speedNotice(mode, providerEnv, currentEnvironment());
    if (notice !== undefined) say(notice);
    const plan = { servers: stack.urls, ports, mode, providerEnv };
    const apiKey = await makeLocalKey(instance, stack.urls.DATABASE_URL);
    const waves = [...systemProcesses(plan), [apiProcess(plan)]];
    const system = await LocalSystem.start({
      instance,
      mode,
      servers: serversId(stack.urls),
      waves,
      report: say,
      signal,
    });
    try {
      await stayUp(
        system,
        startReport(instance.name, stack.urls, {
          mode,
          processes: system.processes.map(({ record }) => record),
          apiKey,
        }),
        signal,
      );
    } finally {
      await system.stop();
      removeLocalKey(instance);
      say(`Stopped: ${system.processes.map(({ record }) => record.name).join(', ')}`);
    }
    return signal.aborted ? 0 : 1;
  } finally {
    await stack.stop();
    say(
      stack.wereUp
        ? 'The servers were up before and stay up'
        : 'Stopped: RabbitMQ, Redis, PostgreSQL; the data is kept',
    );
  }
}

/** Until Ctrl-C, or until no process is left. */
async function stayUp(system: LocalSystem, report: string, signal: AbortSignal): Promise<void> {
  const width = Math.max(...system.processes.map(({ record }) => record.name.length));
  const followers = system.processes.map(({ record }) =>
    followLines(record.logFile, (line) => {
      say(`${record.name.padEnd(width)} | ${line}`);
    }),
  );
  process.stdout.write(`\n${report}\n\n`);
  system.onCrash(({ process: crashed, ending }) => {
    say(crashed.withLastLines(`${crashed.record.name} ended with ${ending}; the others go on`));
  });
  const allEnded = Promise.all(system.processes.map(({ ended }) => ended));
  const interrupted = aborted(signal);
  // A pending promise keeps no process alive: the followers' timers do.
  await Promise.race([allEnded, interrupted]);
  for (const stop of followers) stop();
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });

async function showRunning(instance: Instance): Promise<number> {
  const record = readRecord(instance);
  const status = await stackStatus({ name: instance.name });
  say('It is up already, started from this clone; stop it with Ctrl-C where it runs.');
  if (record !== undefined && status !== undefined)
    process.stdout.write(`${startReport(instance.name, status.urls, record)}\n`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
