import { setTimeout as wait } from 'node:timers/promises';
import type { Observer } from './observer.ts';
import { patiently } from './patiently.ts';
import type { PaceMeter } from './pace.ts';
import type { ProgressDisplay } from './progress-display.ts';
import { isComplete, publishedIn, settledIn, sum, type RunState } from './run-state.ts';

export interface WatchOptions {
  readonly observer: Observer;
  readonly meter: PaceMeter;
  readonly display: ProgressDisplay;
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 1_000;
/** Longer than any pause of a provider that ends by itself within a run. */
const STUCK_AFTER_SECONDS = 120;

/**
 * Shows how a run goes on until it is complete, or until nothing has moved for two minutes: the last state tells which.
 * Rejects with the signal's reason, and when a server or a process does not answer any more.
 */
export async function watchRun({ observer, meter, display, signal }: WatchOptions): Promise<RunState> {
  let movedAt = 0;
  let progress = -1;
  try {
    for (;;) {
      const state = await patiently(() => observer.look(), signal);
      signal.throwIfAborted();
      meter.add(state);
      display.show({ state, paces: meter.paces(), etaSeconds: meter.etaSeconds() });
      const now = progressIn(state);
      if (now !== progress) movedAt = state.seconds;
      progress = now;
      if (isComplete(state) || state.seconds - movedAt > STUCK_AFTER_SECONDS) return state;
      await wait(LOOK_EVERY_MS, undefined, { signal });
    }
  } finally {
    display.clear();
  }
}

/** Grows with every request and every row. */
const progressIn = (state: RunState): number =>
  publishedIn(state) + settledIn(state) + sum([...state.providers.values()].map(({ requests }) => requests));
