import type { Rate } from '../runtime/environment.ts';

/** Where the starts of a gate may lie, in microseconds. */
export interface GateGrid {
  /** From one start to the next. */
  readonly spacingUs: number;
  /** A start may be so late and keep its place on the grid. */
  readonly lateUs: number;
}

/** An exact grid plus jitter puts one request too many into a window; 1 % less never does. */
const MARGIN = 1.01;
/** Part of the window that a start may be late. */
const LATENESS = 0.008;
const MAX_LATENESS_MS = 50;

export const gridOf = ({ count, windowMs }: Rate): GateGrid => ({
  spacingUs: (windowMs * 1_000 * MARGIN) / count,
  lateUs: Math.min(MAX_LATENESS_MS, windowMs * LATENESS) * 1_000,
});
