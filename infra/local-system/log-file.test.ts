import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followLines, lastLines } from './log-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'log-file-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('the last lines are those at the end, without empty ones', () => {
  const file = join(folder, 'a.log');
  writeFileSync(file, 'one\ntwo\n\nthree\n');
  expect(lastLines(file, 2)).toEqual(['two', 'three']);
});

test('a file that is not there has no lines', () => {
  expect(lastLines(join(folder, 'missing.log'), 5)).toEqual([]);
});

test('of a huge file only the end is read', () => {
  const file = join(folder, 'huge.log');
  writeFileSync(file, `${'x'.repeat(100_000)}\nlast\n`);
  expect(lastLines(file, 1)).toEqual(['last']);
});

test('lines are handed over once each, and a line that is being written when it is complete', () => {
  const file = join(folder, 'b.log');
  writeFileSync(file, 'first\nsec');
  const lines: string[] = [];
  const stop = followLines(file, (line) => lines.push(line));
  appendFileSync(file, 'ond\nthird');
  stop();
  expect(lines).toEqual(['first', 'second', 'third']);
});

test('lines that come later are handed over while it is followed', async () => {
  const file = join(folder, 'c.log');
  writeFileSync(file, '');
  let onLine: (line: string) => void = () => undefined;
  const first = new Promise<string>((resolve) => (onLine = resolve));
  const stop = followLines(file, (line) => {
    onLine(line);
  });
  appendFileSync(file, 'Ü was split\n');
  const line = await first;
  stop();
  expect(line).toBe('Ü was split');
});
