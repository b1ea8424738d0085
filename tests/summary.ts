import { readFileSync } from 'node:fs';

interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

export interface Summary {
  readonly passed: number;
  /** A file that could not run at all counts as one failed test, and so does a run that left no report. */
  readonly failed: number;
}

/** Reads what jest's --json wrote; never throws. */
export function readSummary(reportFile: string): Summary {
  try {
    const report = JSON.parse(readFileSync(reportFile, 'utf8')) as JestReport;
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
