/** What a worker makes of what it holds; times in milliseconds. */
export interface Progress {
  /** Age of the oldest delivery that is not settled. */
  readonly oldestHeldMs: number;
  readonly sinceSettledMs: number;
  /** Finished tasks without a row. */
  readonly uncommitted: number;
  readonly sinceCommitMs: number;
}

/** Longer than any single step of a task may take: the wait for a slot, a request, a confirm, a commit. */
const STUCK_AFTER_MS = 120_000;

/**
 * Whether the process should be started again, however healthy it looks: it holds tasks, and for long nothing has come of
 * any of them. Not while a server is away that everybody waits for: a new process would wait for it as well.
 */
export function isStuck(progress: Progress, isServerAway: boolean): boolean {
  const { oldestHeldMs, sinceSettledMs, uncommitted, sinceCommitMs } = progress;
  if (isServerAway) return false;
  return (
    Math.min(oldestHeldMs, sinceSettledMs) > STUCK_AFTER_MS ||
    (uncommitted > 0 && sinceCommitMs > STUCK_AFTER_MS && oldestHeldMs > STUCK_AFTER_MS)
  );
}
