import Bottleneck from 'bottleneck';
import type { Rate } from './environment.ts';

/** Bottleneck starts about 450 jobs a second at best: faster rates let several through at once. */
const SHORTEST_STEP_MS = 10;

/**
 * Lets one caller after another through, evenly and at most at this rate. Made for a single loop: a call is awaited
 * before the next one. Rejects once the signal is aborted.
 */
export function createPace(rate: Rate, signal: AbortSignal): () => Promise<void> {
  const spacingMs = rate.windowMs / rate.count;
  const perStep = Math.max(1, Math.ceil(SHORTEST_STEP_MS / spacingMs));
  const limiter = new Bottleneck({ maxConcurrent: 1, minTime: perStep * spacingMs });
  signal.addEventListener('abort', () => void limiter.stop({ dropWaitingJobs: true }), { once: true });
  let left = 0;
  return async () => {
    signal.throwIfAborted();
    if (left === 0) {
      await limiter.schedule(async () => undefined);
      left = perStep;
    }
    left -= 1;
  };
}
