const [S, M, H] = [1_000, 60_000, 3_600_000];
/** After the first try, the second, …: three days in all. */
const STEPS_MS = [5 * S, 5 * M, 30 * M, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H];
/** The next one says more: an old one is worth one repetition. */
const PROGRESS_STEPS_MS = STEPS_MS.slice(0, 1);
const JITTER = 0.1;

/**
 * Milliseconds until the try after this many have failed; undefined = that was the last one. At least what the receiver
 * asked for, and up to a tenth longer than planned, so that what failed together does not come back together.
 */
export function retryDelay(
  type: string,
  failed: number,
  { askedMs = 0, random = Math.random() }: { readonly askedMs?: number; readonly random?: number } = {},
): number | undefined {
  const steps = type === 'job.progress' ? PROGRESS_STEPS_MS : STEPS_MS;
  const step = steps[failed - 1];
  return step === undefined ? undefined : Math.max(askedMs, step * (1 + JITTER * random));
}
