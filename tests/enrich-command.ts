/** The command line as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { currentEnvironment, type Environment } from '../shared/runtime/environment.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param env beside that of the test */
export async function runEnrich(args: readonly string[], env: Environment): Promise<Ended> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../bin/enrich.js'), ...args], {
    env: { ...currentEnvironment(), NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}
