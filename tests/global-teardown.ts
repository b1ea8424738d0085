import { unregisterRun } from './run-register.ts';

/** The servers stay for the next run; `npm test` stops what it started itself. */
export default function tearDown(): void {
  unregisterRun();
}
