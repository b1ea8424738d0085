/**
 * `npm test`, `npm run test:unit`, `npm run test:integration`, each with jest's own arguments: runs the tests, stops the servers
 * that it started, and ends with a line that every reader of logs understands.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { stackStatus, stopStack } from '../infra/local-stack/stack.ts';
import { othersRun } from './run-register.ts';
import { readSummary } from './summary.ts';

const root = dirname(import.meta.dirname);
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');

function runJest(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ['--experimental-vm-modules', jest, ...args], {
    cwd: root,
    stdio: 'inherit',
    // It warns about the module flag in every worker.
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  // A terminal sends Ctrl-C to jest as well: here it only keeps this process alive until the servers are stopped.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}

async function serversRun(): Promise<boolean> {
  const status = await stackStatus({ name: 'test' });
  return status?.servers.some((server) => server.pid !== undefined) ?? false;
}

async function main(args: readonly string[]): Promise<number> {
  const [first = '', ...rest] = args;
  const project = ['unit', 'integration'].includes(first) ? first : undefined;
  const reportFile = join(root, '.stack', `test-report-${process.pid}.json`);
  mkdirSync(dirname(reportFile), { recursive: true });
  const keepServers = process.env['ENRICHMENT_STACK'] === 'external' || (await serversRun());
  const code = await runJest([
    ...(project === undefined ? [] : ['--selectProjects', project]),
    '--json',
    `--outputFile=${reportFile}`,
    ...(project === undefined ? args : rest),
  ]);
  if (!keepServers) await stopStack({ name: 'test', purge: true, unless: othersRun });
  const { passed, failed } = readSummary(reportFile);
  rmSync(reportFile, { force: true });
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return code === 0 && failed === 0 && passed > 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
