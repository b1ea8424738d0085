import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const bootstrap = join(import.meta.dirname, 'bootstrap.js');
const folder = mkdtempSync(join(tmpdir(), 'bootstrap-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function entry(source: string): string {
  const file = join(folder, 'entry.ts');
  writeFileSync(file, source);
  return file;
}

const run = (...args: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [bootstrap, ...args], { encoding: 'utf8' });

test('a TypeScript entry gets its arguments, and its exit code is that of the process', () => {
  const file = entry(
    'const words: string[] = process.argv.slice(2); console.log(words.join(" ")); process.exitCode = 7;',
  );
  const { stdout, stderr, status } = run(file, 'one', '--two');
  expect({ stdout, stderr, status }).toEqual({ stdout: 'one --two\n', stderr: '', status: 7 });
});

test('without an entry it only sees to the modules', () => {
  const { stdout, stderr, status } = run();
  expect({ stdout, stderr, status }).toEqual({ stdout: '', stderr: '', status: 0 });
});

test('an entry that throws ends the process with its stack and exit code 1', () => {
  const { stderr, status } = run(entry('throw new Error("in the entry");'));
  expect(status).toBe(1);
  expect(stderr).toContain('in the entry');
});

test('a signal reaches the entry itself', async () => {
  const file = entry(
    'process.once("SIGTERM", () => process.exit(3)); setInterval(() => undefined, 1000); console.log("ready");',
  );
  const child = spawn(process.execPath, [bootstrap, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGTERM');
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(3);
});
