import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { processStartTime } from '../process-lock.js';

/** A process for good: a pid alone may belong to another program by tomorrow. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly logFile: string;
  /** Unprivileged user to run as; absent = the current one. */
  readonly user?: UserIds;
}

export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

const POLL_MS = 50;

/** Only what a server needs: a setting meant for another broker or database must not leak into ours. */
export function plainEnvironment(): Record<string, string> {
  const path = process.env['PATH'] ?? '';
  return { PATH: `${path}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' };
}

/** Starts a server that outlives this process, in its own session, so that Ctrl-C in a terminal does not reach it. */
export async function startProcess(command: ServerCommand): Promise<ProcessIdentity> {
  const log = openSync(command.logFile, 'a', 0o600);
  try {
    const child = spawn(command.program, command.args, {
      cwd: command.cwd,
      env: { ...command.env },
      detached: true,
      stdio: ['ignore', log, log],
      ...command.user,
    });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    const pid = child.pid ?? 0;
    // A process that ended already has no start time; the empty one matches none, so it counts as ended.
    return { pid, startTime: processStartTime(pid) ?? '' };
  } finally {
    closeSync(log);
  }
}

export function isRunning(identity: ProcessIdentity | undefined): identity is ProcessIdentity {
  return identity !== undefined && processStartTime(identity.pid) === identity.startTime;
}

/**
 * Ends the process and resolves when it is gone: the signal first, SIGKILL once `graceMs` is over. Does nothing when the
 * pid belongs to another program by now.
 */
export async function stopProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  if (!isRunning(identity)) return;
  process.kill(identity.pid, signal);
  const deadline = Date.now() + graceMs;
  while (isRunning(identity)) {
    if (Date.now() > deadline) killQuietly(identity.pid);
    await wait(POLL_MS);
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
