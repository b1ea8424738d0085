import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually } from '../../tests/harness.ts';
import { processStartTime } from '../process-lock.js';
import { isRunning, plainEnvironment, startProcess, stopProcess } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'server-process-'));
const logFile = join(folder, 'server.log');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const start = (script: string): ReturnType<typeof startProcess> =>
  startProcess({ program: '/bin/sh', args: ['-c', script], env: plainEnvironment(), cwd: folder, logFile });

const logged = (word: string): Promise<void> =>
  eventually(() => {
    expect(readFileSync(logFile, 'utf8')).toContain(word);
  });

test('a started process runs until it is stopped, and its output is in the log', async () => {
  const identity = await start('echo "from the server"; exec sleep 60');
  await logged('from the server');
  expect(isRunning(identity)).toBe(true);
  await stopProcess(identity, 'SIGTERM', 5_000);
  expect(isRunning(identity)).toBe(false);
});

test('a process that ignores the signal is killed once the time is over', async () => {
  const identity = await start('trap "" TERM; echo deaf; while :; do sleep 0.05; done');
  await logged('deaf');
  await stopProcess(identity, 'SIGTERM', 200);
  expect(isRunning(identity)).toBe(false);
});

test('a stopped process (SIGSTOP) is killed once the time is over', async () => {
  const identity = await start('exec sleep 60');
  process.kill(identity.pid, 'SIGSTOP');
  await stopProcess(identity, 'SIGTERM', 200);
  expect(isRunning(identity)).toBe(false);
});

test('a program that got the pid of a dead server is left alone', async () => {
  const other = spawn('sleep', ['60']);
  const pid = other.pid ?? 0;
  await stopProcess({ pid, startTime: 'of the dead server' }, 'SIGKILL', 0);
  expect(processStartTime(pid)).toBeDefined();
  other.kill();
});

test('a program that is not there is an error that names it', async () => {
  const missing = { program: '/no/such/server', args: [], env: {}, cwd: folder, logFile };
  await expect(startProcess(missing)).rejects.toThrow('/no/such/server');
});
