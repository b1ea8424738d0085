/**
 * When a task is tried again. Three different things are kept apart:
 * - retried: a transient fault; costs one of the provider's attempts and waits longer each time;
 * - deferred: the provider said "later" (429, pause, quota, a look-up under way); costs nothing;
 * - given up: a refusal that no repetition cures, or no attempts left; the chain goes on without this provider.
 */
import type { ProviderError, ProviderErrorKind } from './provider-error.ts';

/** The delay ladder: one queue each. */
export const RETRY_STEPS = {
  '1s': 1_000,
  '5s': 5_000,
  '15s': 15_000,
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
} as const;
export type RetryStep = keyof typeof RETRY_STEPS;

const LADDER = Object.entries(RETRY_STEPS) as [RetryStep, number][];
const SHORTEST: RetryStep = '1s';
const LONGEST: RetryStep = '6h';

export type NextTry =
  | { readonly do: 'retry'; readonly step: RetryStep }
  | { readonly do: 'defer'; readonly delayMs: number }
  | { readonly do: 'give_up'; readonly reason: string };

/** Deferral after an error that says no time: long enough not to hammer, short enough not to idle. */
const UNSTATED_PAUSE_MS: Readonly<Partial<Record<ProviderErrorKind, number>>> = {
  rate_limited: 1_000,
  quota_exhausted: 3_600_000,
  auth: 60_000,
};

/** First delay is up to 2 s, then four times as much each time. */
const BASE_DELAY_MS = 2_000;
const GROWTH = 4;

/**
 * What follows a failed look-up.
 * @param attempt the counted tries of this provider for this task, this one included
 * @param random 0 ≤ random() < 1; a parameter, so that the decision can be tested
 */
export function nextTry(
  error: ProviderError,
  attempt: number,
  maxAttempts: number,
  random: () => number,
): NextTry {
  switch (error.kind) {
    case 'rate_limited':
    case 'quota_exhausted':
    case 'auth':
      return { do: 'defer', delayMs: error.retryAfterMs ?? UNSTATED_PAUSE_MS[error.kind] ?? BASE_DELAY_MS };
    case 'unavailable': {
      if (attempt >= maxAttempts) return { do: 'give_up', reason: `${error.message} (${attempt} attempts)` };
      const ceiling = BASE_DELAY_MS * GROWTH ** (attempt - 1);
      return { do: 'retry', step: nearbyStep(ceiling * random(), random()) };
    }
    case 'bad_request':
    case 'forbidden':
    case 'contract':
      return { do: 'give_up', reason: error.message };
  }
}

/**
 * One of the two steps around this delay, the nearer one more often: the mean is kept, and tasks that failed together
 * do not come back together.
 */
export function nearbyStep(delayMs: number, random: number): RetryStep {
  let [lowStep, low] = [SHORTEST, RETRY_STEPS[SHORTEST] as number];
  for (const [step, ms] of LADDER) {
    if (delayMs <= low) return lowStep;
    if (delayMs <= ms) return random < (delayMs - low) / (ms - low) ? step : lowStep;
    [lowStep, low] = [step, ms];
  }
  return LONGEST;
}

/** The shortest step that is not shorter than this delay; the longest for anything beyond: the task then waits again. */
export function stepNotBefore(delayMs: number): RetryStep {
  return LADDER.find(([, ms]) => ms >= delayMs)?.[0] ?? LONGEST;
}
