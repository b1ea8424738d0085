/**
 * Which test runs use the tests' stack at the moment: one empty file each, named by pid and start time. The servers are stopped
 * by a run that started them only when no other one is left.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { processStartTime } from '../infra/process-lock.js';

const folder = join(import.meta.dirname, '..', '.stack', 'test-runs');
const fileOf = (pid: number, startTime: string): string => `${pid}@${startTime.replaceAll(/\W/g, '_')}`;
const own = (): string => join(folder, fileOf(process.pid, processStartTime(process.pid) ?? ''));

export function registerRun(): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(own(), '');
}

export function unregisterRun(): void {
  rmSync(own(), { force: true });
}

/** Whether another process that still lives is registered; files of dead ones are removed. */
export function othersRun(): boolean {
  mkdirSync(folder, { recursive: true });
  const alive = readdirSync(folder).filter((name) => {
    const pid = Number(name.split('@')[0]);
    const lives = name === fileOf(pid, processStartTime(pid) ?? 'none');
    if (!lives) rmSync(join(folder, name), { force: true });
    return lives && pid !== process.pid;
  });
  return alive.length > 0;
}
