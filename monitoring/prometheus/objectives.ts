/** What is promised, over 30 days, and how fast a promise may be broken. */

/** Shares that may fail. 99 % of the tasks are not given up on, and 99 % of the priority lane are picked up within a minute. */
export const TASK_BUDGET = 0.01;
/** 99.9 % of the API requests do not fail by our fault. */
export const API_ERROR_BUDGET = 0.001;
/** 99 % of those that are answered at once take at most a quarter of a second. */
export const API_SLOW_BUDGET = 0.01;
/** An edge of the buckets, as it is written there. */
export const API_SLOW_SECONDS = '0.25';

/** Of the burn rates. */
export const BURN_WINDOWS = ['5m', '30m', '1h', '6h', '3d'] as const;
type Window = (typeof BURN_WINDOWS)[number];

export interface Burn {
  /** The budget goes so many times as fast as it lasts. */
  readonly times: number;
  readonly long: Window;
  /** The alert ends soon after the fault does. */
  readonly short: Window;
}

/** A fiftieth of the budget of 30 days in an hour. */
export const FAST_BURN: Burn = { times: 14.4, long: '1h', short: '5m' };
/** All of it within five days. */
export const SLOW_BURN: Burn = { times: 6, long: '6h', short: '30m' };
/** More of it than there is, in the end. */
export const OVERSPENT: Burn = { times: 1, long: '3d', short: '6h' };

/** `ratio`: beginning of the name of the recorded series that hold the share that fails. */
export const burns = (ratio: string, budget: number, { times, long, short }: Burn): string =>
  `${ratio}:rate${long} > ${times} * ${budget} and ${ratio}:rate${short} > ${times} * ${budget}`;
