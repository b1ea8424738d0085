/** A worker as it runs in production: a process of its own, killed, stopped and asked to leave by signals. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../infra/local-stack/ports.ts';
import { SystemProcess } from '../../infra/local-system/system-process.ts';
import type { ProcessSpec } from '../../infra/local-system/process-spec.ts';
import type { Environment } from '../../shared/runtime/environment.ts';
import type { ReadLog } from './log-findings.ts';
import { type Preload, preloaded } from './preload.ts';

export interface WorkerOptions {
  readonly name: string;
  readonly env: Environment;
  readonly preload?: Preload;
}

const root = join(import.meta.dirname, '..', '..');
const SCRAPE_TIMEOUT_MS = 1_000;

/** What a worker counts about itself. */
export interface WorkerFigures {
  /** Deliveries by queue that the broker had handed out before. */
  readonly redelivered: ReadonlyMap<string, number>;
  /** Accesses to Redis that failed or came too late, and were done without. */
  readonly withoutRedis: number;
  readonly inFlight: number;
}

const NOTHING: WorkerFigures = { redelivered: new Map(), withoutRedis: 0, inFlight: 0 };

export class WorkerProcess {
  readonly #process: SystemProcess;
  readonly #spec: ProcessSpec;
  readonly #url: string;
  #figures = NOTHING;
  /** What became of it on purpose: its end is then no fault of its own. */
  wasKilled = false;

  private constructor(process: SystemProcess, spec: ProcessSpec, url: string) {
    this.#process = process;
    this.#spec = spec;
    this.#url = url;
  }

  static async start({ name, env, preload }: WorkerOptions): Promise<WorkerProcess> {
    const [port = 0] = await freePorts([undefined]);
    const url = `http://127.0.0.1:${port}`;
    const spec: ProcessSpec = {
      name,
      entry: 'services/worker/main.ts',
      env: {
        ...definedOnly(env),
        ...(preload === undefined ? {} : preloaded(preload)),
        HEALTH_HOST: '127.0.0.1',
        HEALTH_PORT: String(port),
      },
      serves: { what: name, url, readyPath: '/readyz' },
      graceMs: 30_000,
    };
    const place = { root, logDir: join(root, '.stack', 'faults-logs'), env: plainEnvironment() };
    const worker = new WorkerProcess(await SystemProcess.start(spec, place), spec, url);
    const endWithUs = (): void => {
      if (worker.isRunning) worker.signal('SIGKILL');
    };
    // It lives in a session of its own, and would outlive a run that breaks off.
    process.on('exit', endWithUs);
    void worker.ended.then(() => process.off('exit', endWithUs));
    return worker;
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

  /** As of the latest scrape that succeeded. */
  get figures(): WorkerFigures {
    return this.#figures;
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

  /** Everything that it has said. */
  readLog(): ReadLog {
    const { name, wasKilled } = this;
    return { name, text: readFileSync(this.#process.record.logFile, 'utf8'), wasKilled };
  }

  /** Keeps the last figures when the worker cannot answer. */
  async scrape(): Promise<void> {
    try {
      const response = await fetch(`${this.#url}/metrics`, {
        signal: AbortSignal.timeout(SCRAPE_TIMEOUT_MS),
      });
      this.#figures = readFigures(await response.text());
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

function readFigures(exposition: string): WorkerFigures {
  const sumOf = (name: string): number =>
    samples(exposition, name).reduce((sum, [, value]) => sum + value, 0);
  return {
    redelivered: new Map(samples(exposition, 'enrichment_redeliveries_total')),
    withoutRedis: sumOf('enrichment_redis_errors_total') + sumOf('enrichment_gate_fallbacks_total'),
    inFlight: sumOf('enrichment_tasks_in_flight'),
  };
}

/** Value of the first label → value, of a metric of the Prometheus text format. */
function samples(exposition: string, name: string): [label: string, value: number][] {
  const lines = exposition.matchAll(new RegExp(`^${name}\\{\\w+="([^"]*)".*\\} (\\S+)$`, 'gm'));
  return [...lines].map(([, label = '', value]) => [label, Number(value)]);
}

const definedOnly = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

/** Settings of whoever starts the run must not reach the workers: credentials, limits, addresses. */
function plainEnvironment(): Environment {
  const { PATH, HOME, LANG } = process.env;
  return { PATH, HOME, LANG };
}
