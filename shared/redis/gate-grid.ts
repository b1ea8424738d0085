import type { Rate } from '../runtime/environment.ts';

/** How the starts of a gate lie, in microseconds. */
export interface GateGrid {
  /** From one start to the next. */
  readonly spacingUs: number;
  /** No more starts than this in any `windowUs`, which is a little longer than the window of the service. */
  readonly count: number;
  readonly windowUs: number;
}

/** The grid is slower than the limit by more than what a window is lengthened by: a start that is on time never waits. */
const MARGIN = 1.016;
/** Requests take their time to arrive, and not always the same. */
const JITTER = 0.013;
const MAX_JITTER_MS = 50;

export const gridOf = ({ count, windowMs }: Rate): GateGrid => ({
  spacingUs: (windowMs * 1_000 * MARGIN) / count,
  count,
  windowUs: (windowMs + Math.min(MAX_JITTER_MS, windowMs * JITTER)) * 1_000,
});
