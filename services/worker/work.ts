import type { Pipeline } from '../../shared/pipelines/pipeline.ts';
import type { Delivery } from '../../shared/rabbitmq/delivery.ts';
import type { Answer } from '../../shared/task/answer.ts';
import type { ProviderError } from '../../shared/task/provider-error.ts';
import { type Lane, type Task, type TimelineEntry, withEvent } from '../../shared/task/task.ts';

/** A task in the hands of this process, with the delivery that must be settled for it exactly once. */
export interface Work {
  readonly task: Task;
  readonly delivery: Delivery;
  readonly pipeline: Pipeline;
  readonly lane: Lane;
}

export function withAnswer(work: Work, answer: Answer, event: TimelineEntry['event']): Work {
  const { state } = work.task;
  const answers = { ...state.answers, [answer.provider]: answer };
  // A look-up is a try. A refresh that is dated in the future counts from the first one, or no answer would ever do.
  const began = event === 'look_up' ? { firstAt: state.firstAt ?? answer.fetchedAt } : {};
  const answered = { ...state, ...began, answers };
  return withState(work, withEvent(answered, entry(event, answer.provider, answer.kind)));
}

/** Gives the provider up for this task. */
export function withFailure(work: Work, error: ProviderError, reason: string): Work {
  const { state } = work.task;
  const failed = { ...state, failed: { ...state.failed, [error.provider]: reason } };
  return withState(work, withEvent(failed, errorEntry('failed', error, reason)));
}

/** Passes the provider over for this task: its gate is closed for too long. */
export function withSkip(work: Work, provider: string, reason: string): Work {
  const { state } = work.task;
  const skipped = { ...state, skipped: { ...state.skipped, [provider]: reason } };
  return withState(work, withEvent(skipped, entry('skipped', provider, reason)));
}

/** Counts a try of this provider. */
export function withAttempt(work: Work, error: ProviderError): Work {
  const { state } = work.task;
  const { provider, message } = error;
  const attempts = { ...state.attempts, [provider]: (state.attempts[provider] ?? 0) + 1 };
  const tried = { ...state, attempts, firstAt: state.firstAt ?? Date.now() };
  return withState(work, withEvent(tried, errorEntry('retried', error, message)));
}

export const withDeferral = (work: Work, provider: string, reason: string): Work =>
  withState(work, withEvent(work.task.state, entry('deferred', provider, reason)));

const withState = (work: Work, state: Task['state']): Work => ({ ...work, task: { ...work.task, state } });

const errorEntry = (
  event: string,
  { kind, status, provider }: ProviderError,
  detail: string,
): TimelineEntry => ({
  ...entry(event, provider, detail),
  errorClass: status === undefined ? kind : `${kind} ${status}`,
});

const entry = (event: string, provider: string, detail: string): TimelineEntry => ({
  at: Date.now(),
  event,
  provider,
  detail: detail.slice(0, 300),
});
