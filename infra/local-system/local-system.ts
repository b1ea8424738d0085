/** The processes of the system on this machine: started in waves, watched, and stopped in reverse order. */
import { join } from 'node:path';
import type { Instance } from '../local-stack/instance.ts';
import type { StackUrls } from '../local-stack/state.ts';
import { currentEnvironment } from '../../shared/runtime/environment.ts';
import type { Wave } from './process-spec.ts';
import type { ProviderMode } from './provider-mode.ts';
import { SystemProcess, type Ending } from './system-process.ts';
import { readRecord, removeRecord, writeRecord, type SystemRecord } from './system-record.ts';

export interface StartOptions {
  readonly instance: Instance;
  readonly mode: ProviderMode;
  /** From `serversId`. */
  readonly servers: string;
  readonly waves: readonly Wave[];
  readonly report: (line: string) => void;
  /** Aborted = give up, and stop what was started. */
  readonly signal: AbortSignal;
}

/** A process that ended without being told to. */
export interface Crash {
  readonly process: SystemProcess;
  readonly ending: Ending;
}

export class LocalSystem {
  readonly processes: readonly SystemProcess[];
  readonly #instance: Instance;
  #isStopping = false;

  private constructor(instance: Instance, processes: readonly SystemProcess[]) {
    this.#instance = instance;
    this.processes = processes;
  }

  /**
   * Resolves when every process is ready. Rejects with StartError or the signal's reason, and then nothing that it
   * started runs any more.
   */
  static async start(options: StartOptions): Promise<LocalSystem> {
    const { instance, mode, servers, report, signal } = options;
    const place = { root: instance.root, logDir: join(instance.stateDir, 'logs'), env: currentEnvironment() };
    const running: SystemProcess[] = [];
    try {
      for (const wave of options.waves) {
        signal.throwIfAborted();
        const started = await Promise.all(wave.map((spec) => SystemProcess.start(spec, place)));
        running.push(...started);
        // Before it is ready: what a crash of this process leaves behind is found by the next start.
        writeRecord(instance, { mode, servers, processes: running.map(({ record }) => record) });
        const outcomes = wave.map(async (spec, index) => {
          await started[index]?.ready(spec, signal);
          report(`${spec.name} is ${spec.serves === undefined ? 'done' : 'up'}`);
        });
        await Promise.all(outcomes);
      }
    } catch (error) {
      await new LocalSystem(instance, running).stop();
      throw error;
    }
    const lasting = running.filter(({ record }) => record.url !== undefined);
    writeRecord(instance, { mode, servers, processes: lasting.map(({ record }) => record) });
    return new LocalSystem(instance, lasting);
  }

  /** What an earlier run kept, when all of it still runs, on these servers and with these providers; else undefined. */
  static find(
    instance: Instance,
    { mode, servers }: Pick<SystemRecord, 'mode' | 'servers'>,
  ): LocalSystem | undefined {
    const record = readRecord(instance);
    if (record?.servers !== servers || JSON.stringify(record.mode) !== JSON.stringify(mode)) return undefined;
    const processes = record.processes.map((one) => SystemProcess.adopt(one));
    const isWhole = processes.length > 0 && processes.every(({ isRunning }) => isRunning);
    return isWhole ? new LocalSystem(instance, processes) : undefined;
  }

  /** Stops whatever an earlier run left, on purpose or not; resolves with the names of what ran. */
  static async clear(instance: Instance): Promise<readonly string[]> {
    const processes = (readRecord(instance)?.processes ?? []).map((one) => SystemProcess.adopt(one));
    const left = processes.filter(({ isRunning }) => isRunning);
    await new LocalSystem(instance, left).stop();
    return left.map(({ record }) => record.name);
  }

  /** Calls back at once for each process that ends without being told to. */
  onCrash(report: (crash: Crash) => void): void {
    for (const process of this.processes) {
      void process.ended.then((ending) => {
        if (!this.#isStopping) report({ process, ending });
      });
    }
  }

  /** Where the processes listen, by name. */
  get urls(): ReadonlyMap<string, string> {
    return new Map(this.processes.map(({ record }) => [record.name, record.url ?? '']));
  }

  /** The last one first: what takes work stops before what it works with. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const process of [...this.processes].reverse()) await process.stop();
    removeRecord(this.#instance);
  }
}

/** Tells servers apart without their passwords. */
export const serversId = (urls: StackUrls): string =>
  [urls.RABBITMQ_URL, urls.DATABASE_URL, urls.REDIS_URL]
    .map((address) => new URL(address))
    .map(({ host, pathname }) => host + pathname)
    .join(' ');
