import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readSummary } from './summary.ts';

const folder = mkdtempSync(join(tmpdir(), 'summary-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a file that could not run counts as a failed test', () => {
  const file = join(folder, 'report.json');
  writeFileSync(file, JSON.stringify({ numPassedTests: 5, numFailedTests: 2, numRuntimeErrorTestSuites: 1 }));
  expect(readSummary(file)).toEqual({ passed: 5, failed: 3 });
});

test('a run that left no report has failed', () => {
  expect(readSummary(join(folder, 'none.json'))).toEqual({ passed: 0, failed: 1 });
});
