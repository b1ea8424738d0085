import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Environment } from '../../shared/runtime/environment.ts';
import { processStartTime } from '../process-lock.js';
import { isRunning, stopProcess, type ProcessIdentity } from '../local-stack/server-process.ts';
import { lastLines } from './log-file.ts';
import type { ProcessSpec } from './process-spec.ts';

/** How a process ended, in words: `exit code 1`, `signal SIGKILL`. */
export type Ending = string;

/** What another run needs to find and to stop it. */
export interface ProcessRecord {
  readonly name: string;
  readonly identity: ProcessIdentity;
  readonly logFile: string;
  readonly url: string | undefined;
  readonly graceMs: number;
}

/** Thrown when a process does not become ready: the message holds the last lines of its log. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const POLL_MS = 100;
/** A probe that hangs must not hide that the next one would be answered. */
const PROBE_TIMEOUT_MS = 2_000;
const READY_WITHIN_MS = 60_000;
const SHOWN_LINES = 15;

/**
 * A process of the system: it runs in a session of its own, so that Ctrl-C at the terminal reaches only whoever started
 * it and everything stops in order, and it outlives its starter when that is wanted. Its output goes to a file.
 */
export class SystemProcess {
  readonly record: ProcessRecord;
  /** Resolves when the process is gone, whoever ended it. */
  readonly ended: Promise<Ending>;

  private constructor(record: ProcessRecord, ended: Promise<Ending>) {
    this.record = record;
    this.ended = ended;
  }

  /** Starts it and returns at once. The log file begins anew. Rejects when it cannot be started at all. */
  static async start(
    spec: ProcessSpec,
    { root, logDir, env }: { root: string; logDir: string; env: Environment },
  ): Promise<SystemProcess> {
    const logFile = join(logDir, `${spec.name}.log`);
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'w', 0o600);
    try {
      const loader = spec.entry.endsWith('.ts') ? ['--import', 'tsx'] : [];
      const args = [...(spec.flags ?? []), ...loader, join(root, spec.entry)];
      const child = spawn(process.execPath, args, {
        cwd: root,
        env: { ...env, ...spec.env },
        detached: true,
        stdio: ['ignore', log, log],
      });
      const ended = new Promise<Ending>((resolve) => {
        child.once('exit', (code, signal) => {
          resolve(signal === null ? `exit code ${code ?? 0}` : `signal ${signal}`);
        });
      });
      await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
      child.unref();
      const pid = child.pid ?? 0;
      const identity = { pid, startTime: processStartTime(pid) ?? '' };
      const { name, graceMs, serves } = spec;
      return new SystemProcess({ name, identity, logFile, url: serves?.url, graceMs }, ended);
    } finally {
      closeSync(log);
    }
  }

  /** One that an earlier run started. Nobody is told of its end, so it is looked at. */
  static adopt(record: ProcessRecord): SystemProcess {
    return new SystemProcess(record, watched(record.identity));
  }

  get isRunning(): boolean {
    return isRunning(this.record.identity);
  }

  /** Resolves when it can be used. Rejects with StartError when it ends before or takes too long, or with the signal's reason. */
  async ready(spec: ProcessSpec, signal: AbortSignal): Promise<void> {
    const settled = new AbortController();
    const either = AbortSignal.any([signal, settled.signal]);
    // Keeps this process alive meanwhile: the one that is waited for does not.
    const deadline = wait(READY_WITHIN_MS, 'late' as const, { signal: either });
    const serving = spec.serves === undefined ? new Promise<never>(() => undefined) : answers(spec, either);
    try {
      const first = await Promise.race([this.ended, deadline, serving]);
      if (first === 'ready' || (spec.serves === undefined && first === 'exit code 0')) return;
      const why =
        first === 'late' ? `was not ready within ${READY_WITHIN_MS / 1_000} s` : `ended with ${first}`;
      throw new StartError(this.withLastLines(`${spec.name} ${why}`));
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      settled.abort();
      deadline.catch(() => undefined);
      serving.catch(() => undefined);
    }
  }

  /** What happened, where its log is, and how that ends. */
  withLastLines(what: string): string {
    const lines = lastLines(this.record.logFile, SHOWN_LINES).map((line) => `  ${line}`);
    return [`${what}. The end of ${this.record.logFile}:`, ...lines].join('\n');
  }

  /** SIGTERM, then SIGKILL when the grace is over; resolves when it is gone. */
  async stop(): Promise<void> {
    await stopProcess(this.record.identity, 'SIGTERM', this.record.graceMs);
  }
}

async function answers({ serves }: ProcessSpec, signal: AbortSignal): Promise<'ready'> {
  if (serves === undefined) throw new Error('it serves nothing');
  for (;;) {
    if (await isServing(serves.url + serves.readyPath)) return 'ready';
    await wait(POLL_MS, undefined, { signal });
  }
}

/** Whether the address answers with success now. */
async function isServing(address: string): Promise<boolean> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

async function watched(identity: ProcessIdentity): Promise<Ending> {
  // Keeps nobody alive: whoever waits for the end has other things that do.
  while (isRunning(identity)) await wait(POLL_MS, undefined, { ref: false });
  return 'an unknown exit code';
}
