/** A command of `enrich` as people run it: a process of its own, which may die in the middle. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Environment } from '../../shared/runtime/environment.ts';
import { type Preload, preloaded } from './preload.ts';

export interface CommandEnd {
  /** `exit code 0`, `signal SIGKILL`. */
  readonly ending: string;
  readonly out: string;
  readonly err: string;
}

const root = join(import.meta.dirname, '..', '..');

/** Resolves when it has ended. Nothing of this process's own settings reaches it but PATH and HOME. */
export async function enrich(
  args: readonly string[],
  env: Environment,
  preload?: Preload,
): Promise<CommandEnd> {
  const { PATH, HOME } = process.env;
  const entry = join(root, 'services/cli/main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', entry, ...args], {
    cwd: root,
    env: { PATH, HOME, ...env, ...(preload === undefined ? {} : preloaded(preload)) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { ...said, ending: signal === null ? `exit code ${code ?? 0}` : `signal ${signal}` };
}
