/** What a scenario runs on: servers of its own, the sandbox as the judge, and real worker processes. */
import { mkdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename, extname, join } from 'node:path';
import { instanceOf } from '../infra/local-stack/instance.ts';
import { freePorts } from '../infra/local-stack/ports.ts';
import type { StackUrls } from '../infra/local-stack/state.ts';
import { openOwnStack } from '../infra/local-system/own-stack.ts';
import type { ProcessSpec } from '../infra/local-system/process-spec.ts';
import { SystemProcess } from '../infra/local-system/system-process.ts';
import { currentEnvironment } from '../shared/runtime/environment.ts';
import { EnrichmentQueuePublisher } from '../shared/publisher.ts';
import { openPool, type Pool } from '../shared/postgres/pool.ts';
import { compile, compiled } from './compiled.ts';

/** Of one provider, as the sandbox counted it. */
export interface Judged {
  readonly requests: number;
  readonly violations: number;
  readonly before_retry_after: number;
  readonly first_at: number | null;
  readonly last_at: number | null;
}

/** As the sandbox logged it. Times in epoch milliseconds. */
export interface ArrivedRequest {
  readonly at: number;
  /** Path and query. */
  readonly url: string;
  readonly answered_at?: number;
  readonly fault?: string;
}

export interface BenchSystem {
  readonly urls: StackUrls;
  readonly db: Pool;
  readonly publisher: EnrichmentQueuePublisher;
  /** As the init service does it. */
  declareQueues(): Promise<unknown>;
  startWorkers(count: number, env: Readonly<Record<string, string>>): Promise<SystemProcess[]>;
  /** Stopped with the workers. */
  startScheduler(): Promise<void>;
  stopWorkers(): Promise<void>;
  /** One of bench/programs, with the addresses of the servers in its environment. It runs until it is stopped. */
  startProgram(entry: string, env: Readonly<Record<string, string>>): Promise<SystemProcess>;
  judge(provider: string): Promise<Judged>;
  /** Arrival times (epoch ms) of the latest requests, oldest first. */
  arrivals(provider: string): Promise<number[]>;
  /** The same with what was asked and what came of it. */
  requests(provider: string): Promise<readonly ArrivedRequest[]>;
  control(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<void>;
  close(): Promise<void>;
}

export async function openBenchSystem(name: string, say: (line: string) => void): Promise<BenchSystem> {
  compile(say);
  const stack = await openOwnStack({ name, report: say, isDisposable: true });
  const instance = instanceOf(name);
  const [port = 0] = await freePorts([undefined]);
  const sandboxUrl = `http://127.0.0.1:${port}`;
  const place = { root: instance.root, logDir: join(instance.stateDir, 'logs'), env: currentEnvironment() };
  mkdirSync(place.logDir, { recursive: true });
  const start = async (spec: ProcessSpec): Promise<SystemProcess> => {
    const started = await SystemProcess.start(spec, place);
    await started.ready(spec, new AbortController().signal);
    return started;
  };
  await start(queueInitSpec(stack.urls));
  const sandbox = await start(sandboxSpec(port, sandboxUrl));
  goBeforeOthers(sandbox);
  const db = openPool({ url: stack.urls.DATABASE_URL, max: 2, applicationName: 'bench' });
  const publisher = new EnrichmentQueuePublisher({ url: stack.urls.RABBITMQ_URL });
  await publisher.connect();
  const workers: SystemProcess[] = [];
  const stopWorkers = async (): Promise<void> => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  };
  return {
    urls: stack.urls,
    db,
    publisher,
    declareQueues: () => start(queueInitSpec(stack.urls)),
    stopWorkers,
    startScheduler: async () => {
      const [healthPort = 0] = await freePorts([undefined]);
      workers.push(await start(schedulerSpec(healthPort, stack.urls)));
    },
    startWorkers: async (count, env) => {
      const ports = await freePorts(Array.from({ length: count }, () => undefined));
      const all = { ...stack.urls, PROVIDER_SANDBOX_URL: sandboxUrl, ...env };
      const started = await Promise.all(
        ports.map((healthPort, at) => start(workerSpec(at, healthPort, all))),
      );
      workers.push(...started);
      return started;
    },
    startProgram: (entry, env) => {
      const name = basename(entry, extname(entry));
      return SystemProcess.start({ name, entry, env: { ...stack.urls, ...env }, graceMs: 5_000 }, place);
    },
    ...judgeAt(sandboxUrl),
    close: async () => {
      await stopWorkers();
      await publisher.close();
      await Promise.all([sandbox.stop(), db.end()]);
      await stack.stop();
    },
  };
}

/** The judge sees a request when it arrives, not when the workers leave it a processor. */
function goBeforeOthers({ record }: SystemProcess): void {
  try {
    setPriority(record.identity.pid, -10);
  } catch {
    // Only root may: to others, a request seems to arrive a few milliseconds late now and then.
  }
}

function judgeAt(sandboxUrl: string): Pick<BenchSystem, 'judge' | 'arrivals' | 'requests' | 'control'> {
  const ask = async (path: string): Promise<unknown> => (await fetch(`${sandboxUrl}/_control${path}`)).json();
  const requests = async (provider: string): Promise<ArrivedRequest[]> =>
    (await ask(`/log?provider=${provider}&limit=20000`)) as ArrivedRequest[];
  return {
    judge: async (provider) => {
      const { providers } = (await ask('/stats')) as { providers: Record<string, Judged> };
      const found = providers[provider];
      if (found === undefined) throw new Error(`the sandbox knows no provider '${provider}'`);
      return found;
    },
    requests,
    arrivals: async (provider) => (await requests(provider)).map(({ at }) => at),
    control: async (method, path, body) => {
      const response = await fetch(`${sandboxUrl}/_control${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`sandbox refused ${path}: ${await response.text()}`);
    },
  };
}

const sandboxSpec = (port: number, url: string): ProcessSpec => ({
  name: 'sandbox',
  entry: compiled('services/provider-sandbox/main.ts'),
  // Many short pauses instead of few long ones: see `goBeforeOthers`.
  flags: ['--max-semi-space-size=1'],
  env: { PROVIDER_SANDBOX_PORT: String(port), PROVIDER_SANDBOX_LATENCY: '0.1' },
  serves: { what: 'sandbox', url, readyPath: '/_control/stats' },
  graceMs: 5_000,
});

const queueInitSpec = (urls: StackUrls): ProcessSpec => ({
  name: 'queue-init',
  entry: compiled('services/queue-init/main.ts'),
  env: { ...urls },
  graceMs: 5_000,
});

function schedulerSpec(port: number, urls: StackUrls): ProcessSpec {
  return {
    name: 'scheduler',
    entry: compiled('services/scheduler/main.ts'),
    env: { LOG_LEVEL: 'warn', ...urls, HEALTH_PORT: String(port) },
    serves: { what: 'scheduler', url: `http://127.0.0.1:${port}`, readyPath: '/readyz' },
    graceMs: 12_000,
  };
}

function workerSpec(at: number, port: number, env: Readonly<Record<string, string>>): ProcessSpec {
  return {
    name: `worker-${at}`,
    entry: compiled('services/worker/main.ts'),
    // What node takes by itself in a container of 512 MB, as in docker-compose.workers.yml.
    flags: ['--max-old-space-size=256'],
    env: { LOG_LEVEL: 'warn', HEALTH_PORT: String(port), SHUTDOWN_GRACE_SECONDS: '10', ...env },
    serves: { what: 'worker', url: `http://127.0.0.1:${port}`, readyPath: '/readyz' },
    graceMs: 12_000,
  };
}
