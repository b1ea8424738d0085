/** What the row of a job's task says in the end, out of what the task carries. */
import type { SettledTask } from '../../shared/postgres/jobs/settle-tasks.ts';
import type { DeadLetter } from '../../shared/task/dead-letter.ts';
import { subjectOf } from '../../shared/task/letter-subject.ts';
import { parseJobTaskId } from '../../shared/task/job-task-id.ts';
import type { Outcome } from '../../shared/task/result.ts';
import type { Task } from '../../shared/task/task.ts';

/** Price of a request to each provider. */
export type Prices = ReadonlyMap<string, number>;

/** Undefined = the task belongs to no job of ours. A counted try is taken for one request. */
export function settledTask(
  { taskId, jobId, state }: Task,
  outcome: Outcome,
  prices: Prices,
): SettledTask | undefined {
  const key = jobId === undefined ? undefined : parseJobTaskId(taskId);
  if (key === undefined || key.jobId !== jobId) return undefined;
  const spent = new Map<string, number>(Object.entries(state.attempts));
  const asked = new Set(
    state.timeline.flatMap(({ event, provider }) =>
      event === 'look_up' && provider !== undefined ? [provider] : [],
    ),
  );
  for (const provider of asked)
    spent.set(provider, (spent.get(provider) ?? 0) + (state.answers[provider]?.requests ?? 0));
  const error = Object.values(state.failed).join('; ');
  return {
    ...key,
    outcome,
    attempts: state.attempts,
    ...(error === '' ? {} : { error }),
    timeline: state.timeline,
    requests: [...spent.values()].reduce((sum, count) => sum + count, 0),
    costUsd: [...spent].reduce((sum, [provider, count]) => sum + count * (prices.get(provider) ?? 0), 0),
  };
}

/** Of a letter whose task never got as far as a row of its own: unreadable halfway, refused, or poison. */
export function settledLetter(letter: DeadLetter, idField: string): SettledTask | undefined {
  const { taskId, jobId } = subjectOf(letter, idField);
  const key = taskId === undefined ? undefined : parseJobTaskId(taskId);
  if (key === undefined || key.jobId !== jobId) return undefined;
  return {
    ...key,
    outcome: 'dead',
    attempts: {},
    error: letter.error,
    timeline: [{ at: letter.diedAt, event: 'dead', detail: letter.reason }],
    requests: 0,
    costUsd: 0,
  };
}
