import type { RunResult } from './run-result.ts';
import { publishedIn, settledIn } from './run-state.ts';
import { thousands } from './words.ts';

/** Why the demo does not count as successful, and where to look. */
export function stuckText({ state }: RunResult, logDir: string): string {
  const waiting = [...state.waiting].filter(([, count]) => count > 0);
  const stages = waiting.map(([stage, count]) => `${thousands(count)} at ${stage}`).join(', ');
  const missing = publishedIn(state) - settledIn(state);
  return [
    `Not everything was settled: ${thousands(missing)} of ${thousands(publishedIn(state))} records are missing.`,
    `Waiting: ${stages === '' ? 'nothing, so what is missing is in no queue' : stages}.`,
    `What the processes say: ${logDir}`,
  ].join('\n');
}
