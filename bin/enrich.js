#!/usr/bin/env node
/** The command line: compiled when installed as a package, through tsx (modules installed first) when run from a clone. */
import { existsSync } from 'node:fs';

const source = new URL('../services/cli/main.ts', import.meta.url);
const compiled = new URL('../dist/services/cli/main.js', import.meta.url);

if (existsSync(source)) {
  const { run } = await import('../infra/bootstrap.js');
  await run('infra/local-system/enrich.ts', process.argv.slice(2));
} else {
  await import(compiled.href);
}
