/** A worker as it runs in production: a process of its own, killed, stopped and asked to leave by signals. */
import { join } from 'node:path';
import { freePorts } from '../../infra/local-stack/ports.ts';
import { SystemProcess } from '../../infra/local-system/system-process.ts';
import type { ProcessSpec } from '../../infra/local-system/process-spec.ts';
import type { Environment } from '../../shared/runtime/environment.ts';

export interface WorkerOptions {
  readonly name: string;
  readonly env: Environment;
  /** Dies at this moment in the life of a task: see crash-at.ts. */
  readonly crashAt?: string;
}

const root = join(import.meta.dirname, '..', '..');
const crashModule = join(import.meta.dirname, 'crash-at.ts');
const SCRAPE_TIMEOUT_MS = 1_000;
const REDELIVERED = /^enrichment_redeliveries_total\{queue="([^"]+)"\} (\d+)/gm;

export class WorkerProcess {
  readonly #process: SystemProcess;
  readonly #spec: ProcessSpec;
  readonly #url: string;
  #redelivered: ReadonlyMap<string, number> = new Map();
  /** What became of it on purpose: its end is then no fault of its own. */
  wasKilled = false;

  private constructor(process: SystemProcess, spec: ProcessSpec, url: string) {
    this.#process = process;
    this.#spec = spec;
    this.#url = url;
  }

  static async start({ name, env, crashAt }: WorkerOptions): Promise<WorkerProcess> {
    const [port = 0] = await freePorts([undefined]);
    const url = `http://127.0.0.1:${port}`;
    const crash = crashAt === undefined ? {} : crashEnvironment(crashAt);
    const spec: ProcessSpec = {
      name,
      entry: 'services/worker/main.ts',
      env: { ...definedOnly(env), ...crash, HEALTH_HOST: '127.0.0.1', HEALTH_PORT: String(port) },
      serves: { what: name, url, readyPath: '/readyz' },
      graceMs: 30_000,
    };
    const place = { root, logDir: join(root, '.stack', 'faults-logs'), env: plainEnvironment() };
    return new WorkerProcess(await SystemProcess.start(spec, place), spec, url);
  }

  get name(): string {
    return this.#spec.name;
  }

  get pid(): number {
    return this.#process.record.identity.pid;
  }

  get isRunning(): boolean {
    return this.#process.isRunning;
  }

  /** How it ended, in words: `exit code 0`, `signal SIGKILL`. */
  get ended(): Promise<string> {
    return this.#process.ended;
  }

  /** Deliveries by queue that it got and that the broker had handed out before; as of the latest scrape. */
  get redelivered(): ReadonlyMap<string, number> {
    return this.#redelivered;
  }

  /** Resolves when it consumes. Rejects with the end of its log when it does not. */
  async ready(): Promise<void> {
    await this.#process.ready(this.#spec, AbortSignal.timeout(60_000));
  }

  signal(signal: NodeJS.Signals): void {
    if (signal === 'SIGKILL') this.wasKilled = true;
    process.kill(this.pid, signal);
  }

  /** The end of its log under a heading. */
  log(heading: string): string {
    return this.#process.withLastLines(heading);
  }

  /** Keeps the last figures when the worker cannot answer. */
  async scrape(): Promise<void> {
    try {
      const response = await fetch(`${this.#url}/metrics`, {
        signal: AbortSignal.timeout(SCRAPE_TIMEOUT_MS),
      });
      const text = await response.text();
      this.#redelivered = new Map(
        [...text.matchAll(REDELIVERED)].map(([, queue = '', count]) => [queue, Number(count)]),
      );
    } catch {
      // Killed, stopped or busy: what it counted until now stays.
    }
  }

  /** Status of `/healthz` or `/readyz`; undefined when it does not answer. */
  async probe(path: '/healthz' | '/readyz'): Promise<number | undefined> {
    try {
      return (await fetch(this.#url + path, { signal: AbortSignal.timeout(SCRAPE_TIMEOUT_MS) })).status;
    } catch {
      return undefined;
    }
  }
}

/** tsx first: the module that crashes is TypeScript as well. */
const crashEnvironment = (crashAt: string): Record<string, string> => ({
  NODE_OPTIONS: `--import=tsx --import=${crashModule}`,
  FAULT_CRASH_AT: crashAt,
});

const definedOnly = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

/** Settings of whoever starts the run must not reach the workers: credentials, limits, addresses. */
function plainEnvironment(): Environment {
  const { PATH, HOME, LANG } = process.env;
  return { PATH, HOME, LANG };
}
