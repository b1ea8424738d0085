import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finishedTasks } from './finished.ts';

const folder = mkdtempSync(join(tmpdir(), 'finished-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a task that two workers report as finished is told, and a cache hit on the way is no report', () => {
  const file = join(folder, 'log');
  const line = (taskId: string, message: string): string =>
    JSON.stringify({ taskId, message, outcome: 'enriched' });
  const lines = [
    line('a', '✓ Spotify cache hit: x'),
    line('a', '✓ Enriched: x (source: spotify)'),
    line('b', '✓ Enriched: y (source: spotify)'),
    `\u001b[2K${line('b', '✓ Enriched: y (source: spotify)')}`,
    '{"message":"cut off in the mid',
  ];
  writeFileSync(file, lines.join('\n'));
  expect(finishedTasks(file)).toEqual({ once: 1, again: ['b'] });
});
