import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, sep } from 'node:path';

import { processStartTime } from '../process-lock.js';
import { stopProcess } from './server-process.ts';

const serverPrograms = new Set(['beam.smp', 'epmd', 'postgres', 'redis-server']);
const GRACE_MS = 3_000;

/**
 * Ends servers of ours that no record knows any more, because the state was deleted or a start was cut off in the middle: server
 * programs that work in this server's folder, also when the folder was deleted since. They would hold the data that the next
 * one needs. Linux only; elsewhere it finds none.
 */
export async function endStrays(dir: string): Promise<void> {
  await Promise.all(
    straysIn(dir).map(async (pid) => {
      const startTime = processStartTime(pid);
      if (startTime !== undefined) await stopProcess({ pid, startTime }, 'SIGTERM', GRACE_MS);
    }),
  );
}

function straysIn(dir: string): number[] {
  const pids = quietly(() => readdirSync('/proc')) ?? [];
  return pids
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      const program = quietly(() => readFileSync(join('/proc', pid, 'comm'), 'utf8').trim()) ?? '';
      return serverPrograms.has(program) && (worksIn(pid, dir) || hasHome(pid, dir));
    })
    .map(Number);
}

function worksIn(pid: string, dir: string): boolean {
  const folder = quietly(() => readlinkSync(join('/proc', pid, 'cwd'))) ?? '';
  return `${folder.replace(/ \(deleted\)$/, '')}${sep}`.startsWith(dir + sep);
}

/** The broker's port mapper leaves the folder, but keeps the environment. */
function hasHome(pid: string, dir: string): boolean {
  const environment = quietly(() => readFileSync(join('/proc', pid, 'environ'), 'utf8')) ?? '';
  return environment.split('\0').includes(`HOME=${dir}`);
}

/** A process may end, or belong to somebody else, while it is looked at. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
