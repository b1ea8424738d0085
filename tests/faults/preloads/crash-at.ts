/**
 * Loaded into a worker before its own code: ends the process at a moment in the life of a task. `FAULT_CRASH_AT` names the
 * milestone and which of them it is: `committed:20`.
 */
import { subscribe } from 'node:diagnostics_channel';
import { MILESTONE_CHANNEL } from '../../../shared/observability/milestones.ts';

const [milestone, count = '1'] = (process.env['FAULT_CRASH_AT'] ?? '').split(':');
let left = Number(count);

subscribe(MILESTONE_CHANNEL, (reached) => {
  if (reached !== milestone) return;
  left -= 1;
  if (left > 0) return;
  process.kill(process.pid, 'SIGKILL');
  // Not one instruction more, however long the signal takes.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
