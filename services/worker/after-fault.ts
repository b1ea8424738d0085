/**
 * What follows a look-up that brought no answer, for stages and for the quarantine: tried again, tried later, or done
 * without this provider.
 */
import type { Log } from '../../shared/observability/log.ts';
import { GateClosed } from '../../shared/redis/gate-slot.ts';
import { canSkip, chainOf } from '../../shared/task/plan.ts';
import { ProviderError } from '../../shared/task/provider-error.ts';
import { nextTry, RETRY_STEPS, type RetryStep, stepNotBefore } from '../../shared/task/retry-policy.ts';
import type { AnswersAtHandDeps } from './answers-at-hand.ts';
import type { GateWait } from './gate-wait.ts';
import type { LookUpDesk } from './look-up-desk.ts';
import type { TaskRouter } from './task-router.ts';
import { withAttempt, withDeferral, withFailure, withSkip, type Work } from './work.ts';

export interface AfterFaultDeps extends Pick<AnswersAtHandDeps, 'chain' | 'known' | 'supplements'> {
  readonly router: Pick<TaskRouter, 'later'>;
  readonly log: Log;
}

/** Where the task was when the look-up failed. */
export interface Place {
  readonly desk: LookUpDesk;
  /** Where it comes back to. */
  readonly queue: string;
  readonly wait: Pick<GateWait, 'isTooLong' | 'passedOn' | 'shut'>;
}

/** The task to go on with, without this provider; undefined = it is on the delay ladder and comes back. */
export function afterFault(work: Work, place: Place, error: Error, deps: AfterFaultDeps): Work | undefined {
  if (error instanceof GateClosed) return whileClosed(work, place, error, deps);
  const { router, log } = deps;
  const { desk, queue } = place;
  const { name, limits } = desk.provider;
  const fault = error instanceof ProviderError ? error : brokenLookUp(name, error, log);
  const attempt = (work.task.state.attempts[name] ?? 0) + 1;
  const next = nextTry(fault, attempt, limits.attempts, Math.random);
  log.warn('look-up failed', {
    taskId: work.task.taskId,
    provider: name,
    error: fault.message,
    next: next.do,
  });
  switch (next.do) {
    case 'retry':
      router.later(withAttempt(work, fault), queue, next.step, 'retried');
      return undefined;
    case 'defer':
      router.later(withDeferral(work, name, fault.kind), queue, waitingStep(next.delayMs), 'deferred');
      return undefined;
    case 'give_up':
      return withFailure(work, fault, next.reason);
  }
}

/** Closed for longer than anybody should wait: the task goes on without this provider, if another one can answer. */
function whileClosed(
  work: Work,
  { desk, queue, wait }: Place,
  closed: GateClosed,
  deps: AfterFaultDeps,
): Work | undefined {
  const { name } = desk.provider;
  const { finders } = chainOf(work.task, deps.chain(work), deps);
  if (wait.isTooLong(closed) && canSkip(work.task, name, finders, Date.now())) {
    wait.passedOn();
    return withSkip(work, name, closed.reason);
  }
  deps.router.later(withDeferral(work, name, closed.reason), queue, wait.shut(closed), 'deferred');
  return undefined;
}

/** On the ladder for a minute at most, then in its queue: a closure that ends early, or by hand, is over for all at once. */
export const waitingStep = (ms: number): RetryStep => stepNotBefore(Math.min(ms, RETRY_STEPS['1m']));

/** A fault of ours is no reason to try for ever: the task goes on without this provider, and somebody reads the log. */
function brokenLookUp(provider: string, error: Error, log: Log): ProviderError {
  log.error('look-up broke', { provider, error: error.stack ?? error.message });
  return new ProviderError(provider, 'contract', `look-up broke: ${error.message}`, { cause: error });
}
