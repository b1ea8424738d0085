/**
 * How many letters may be on their way, told by what became of those before: first a canary of five, then fifty, then as
 * many as have an outcome. So a cause that is still there is met by a handful and not by all, and a replay as large as
 * the queue does not outrun the workers.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ReplayOutcome } from '../postgres/replay-outcomes.ts';

export const CANARY = 5;
const FIRST_WAVE = 50;

export type StopReason =
  /** More than half of the canary, or of the latest fifty, came back. */
  | 'failing'
  /** Nothing has an outcome within the time: no worker, or a provider that is paused. */
  | 'silent';

export const settledOf = ({ enriched, settledOtherwise, back }: ReplayOutcome): number =>
  enriched + settledOtherwise + back;

/** How many more may be sent now; 0 = wait. */
export function allowance(sent: number, outcome: ReplayOutcome): number {
  const settled = settledOf(outcome);
  if (sent < CANARY) return CANARY - sent;
  if (settled < CANARY) return 0;
  return Math.max(0, Math.max(FIRST_WAVE, settled) - (sent - settled));
}

/** True when going on would be of no use. Fewer outcomes than the canary has say nothing. */
export const isFailing = ({ latest }: ReplayOutcome): boolean =>
  latest.settled >= CANARY && latest.back * 2 > latest.settled;

export interface ReplayWatchOptions {
  readonly ask: () => Promise<ReplayOutcome>;
  /** How long nothing may happen. */
  readonly silenceMs: number;
  readonly onOutcome?: (outcome: ReplayOutcome) => void;
}

const POLL_MS = 500;
/** A large replay makes the question dear: it is asked for a twentieth of the time at most. */
const POLL_SHARE = 20;

/** Asks what became of a replay, not more often than is useful. */
export class ReplayWatch {
  readonly #options: ReplayWatchOptions;
  outcome: ReplayOutcome = NOTHING_YET;
  #askedAt = -Infinity;
  #pauseMs = 0;
  #changedAt = performance.now();

  constructor(options: ReplayWatchOptions) {
    this.#options = options;
  }

  /** Asks, unless it has just asked. */
  async look(): Promise<ReplayOutcome> {
    const now = performance.now();
    if (now - this.#askedAt < this.#pauseMs) return this.outcome;
    const before = settledOf(this.outcome);
    this.outcome = await this.#options.ask();
    this.#askedAt = performance.now();
    this.#pauseMs = Math.max(POLL_MS, (this.#askedAt - now) * POLL_SHARE);
    if (settledOf(this.outcome) !== before) this.#changedAt = this.#askedAt;
    this.#options.onOutcome?.(this.outcome);
    return this.outcome;
  }

  /** Waits until `isReached`. False = nothing has happened for too long. Rejects with the signal's reason. */
  async waitFor(isReached: (outcome: ReplayOutcome) => boolean, signal: AbortSignal): Promise<boolean> {
    this.#changedAt = performance.now();
    for (;;) {
      if (isReached(await this.look())) return true;
      if (performance.now() - this.#changedAt > this.#options.silenceMs) return false;
      await delay(POLL_MS, undefined, { signal });
    }
  }
}

const NOTHING_YET: ReplayOutcome = {
  replayed: 0,
  enriched: 0,
  settledOtherwise: 0,
  back: 0,
  backWithSameError: 0,
  latest: { settled: 0, back: 0 },
};
