const WINDOW_MS = 60_000;

/** Remembers what totals were, so that somebody can tell what the last minute has added to them. */
export class LastMinute<T> {
  /** The oldest first; one a call within the window, and the last one before it. */
  readonly #snapshots: { readonly at: number; readonly totals: T }[] = [];

  /** What they were a minute ago, or at the first call if that is later. `totals` must not change afterwards. */
  before(totals: T, at = performance.now()): T {
    this.#snapshots.push({ at, totals });
    while ((this.#snapshots[1]?.at ?? Infinity) <= at - WINDOW_MS) this.#snapshots.shift();
    return this.#snapshots[0]?.totals ?? totals;
  }
}
