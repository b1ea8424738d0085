/**
 * Moments in the life of a task between which the loss of the process is most instructive. In production nobody listens,
 * and telling costs the reading of a flag; the fault harness listens, and ends the process there.
 */
import { channel } from 'node:diagnostics_channel';

export const MILESTONES = {
  /** The provider has answered, and nobody else knows yet. */
  answered: 'the answer, before it is cached',
  /** The answer is in the cache, the task is where it was. */
  cached: 'the cache write, before the task goes on',
  /** The row is in the database, the delivery is not acknowledged. */
  committed: 'the commit, before the acknowledgement',
  /** The task is in the next queue, and still in this one. */
  confirmed: 'the confirm of a move, before the acknowledgement',
  /** A sweep of dead letters knows what becomes of a batch and has written it down; nothing has moved. */
  decided: 'the decision of a sweep, before anything moves',
  /** Told to stop, with deliveries at hand. */
  draining: 'the beginning of the drain',
} as const;
export type Milestone = keyof typeof MILESTONES;

export const MILESTONE_CHANNEL = 'enrichment.milestone';

const listeners = channel(MILESTONE_CHANNEL);

/** Listeners run before it returns. */
export function reached(milestone: Milestone): void {
  if (listeners.hasSubscribers) listeners.publish(milestone);
}
