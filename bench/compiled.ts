/**
 * Everything that is measured runs compiled, as it is deployed: run from its sources through tsx, a worker takes twice the
 * memory, and each function that it makes costs a call that keeps its name.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

/** The compiled file of a source, from the root of the clone. */
export const compiled = (source: string): string =>
  join('.stack', 'compiled', source.replace(/\.ts$/, '.js'));

/** Ten seconds the first time, three when nothing changed. Throws for sources that do not compile. */
export function compile(say: (line: string) => void): void {
  say('compiling …');
  const { status } = spawnSync(process.execPath, [TSC, '-p', 'tsconfig.bench.json'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('the sources do not compile: see above');
}
