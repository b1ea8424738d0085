import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { processStartTime, withProcessLock } from './process-lock.js';

const folder = mkdtempSync(join(tmpdir(), 'process-lock-'));
const path = join(folder, 'lock');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('of two bodies the second begins when the first has ended, and is told that it waits', async () => {
  const events: string[] = [];
  let finish = (): void => undefined;
  const busy = new Promise<void>((resolve) => (finish = resolve));
  const first = withProcessLock(path, async () => {
    events.push('first begins');
    await busy;
    events.push('first ends');
  });
  let second: Promise<unknown> = first;
  await new Promise<void>((resolve) => {
    second = withProcessLock(path, () => events.push('second'), { onWait: resolve });
  });
  finish();
  await Promise.all([first, second]);
  expect(events).toEqual(['first begins', 'first ends', 'second']);
});

test('the lock is released when the body throws', async () => {
  const failing = withProcessLock(path, () => Promise.reject(new Error('in the body')));
  await expect(failing).rejects.toThrow('in the body');
  expect(existsSync(path)).toBe(false);
});

test('the lock of a process that has died is taken over', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(path, `${pid} 12345`);
  expect(await withProcessLock(path, () => 'mine')).toBe('mine');
});

test('a lock whose pid belongs to another program by now is taken over', async () => {
  writeFileSync(path, `${process.pid} 12345`);
  expect(await withProcessLock(path, () => 'mine')).toBe('mine');
});

test('many waiters of a stale lock take it one after the other', async () => {
  writeFileSync(path, `${process.pid} 12345`);
  let inside = 0;
  const most = await Promise.all(
    Array.from({ length: 8 }, () =>
      withProcessLock(path, async () => {
        inside += 1;
        const seen = inside;
        await new Promise(setImmediate);
        inside -= 1;
        return seen;
      }),
    ),
  );
  expect(most).toEqual(Array(8).fill(1));
});

test('a process has one start time for life, a dead one has none', () => {
  const own = processStartTime(process.pid);
  expect(own).toBeDefined();
  expect(processStartTime(process.pid)).toBe(own);
  const { pid } = spawnSync(process.execPath, ['--version']);
  expect(processStartTime(pid)).toBeUndefined();
});
