import { join } from 'node:path';

/** A module of `preloads/` that changes a process before its own code, and what it reads. */
export interface Preload {
  readonly module: 'crash-at' | 'clock-skew' | 'deadly-message';
  readonly env: Readonly<Record<string, string>>;
}

const preloads = join(import.meta.dirname, 'preloads');

/** Settings with which a process loads it. tsx first: the module is TypeScript as well. */
export const preloaded = ({ module, env }: Preload): Record<string, string> => ({
  ...env,
  NODE_OPTIONS: `--import=tsx --import=${join(preloads, `${module}.ts`)}`,
});
