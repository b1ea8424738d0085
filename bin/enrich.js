#!/usr/bin/env -S node --max-semi-space-size=4 --max-old-space-size=256
/**
 * The command line: compiled when installed as a package, through tsx (modules installed first) when run from a clone. What
 * streams a million letters leaves much behind at once: a small young generation keeps it 30 MB smaller. And on a machine
 * with much memory node would let garbage grow: nothing here needs more than a part of 256 MB.
 */
import { existsSync } from 'node:fs';

const source = new URL('../services/cli/main.ts', import.meta.url);
const compiled = new URL('../dist/services/cli/main.js', import.meta.url);

if (existsSync(source)) {
  const { run } = await import('../infra/bootstrap.js');
  await run('infra/local-system/enrich.ts', process.argv.slice(2));
} else {
  await import(compiled.href);
}
