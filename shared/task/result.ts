import type { Match } from './answer.ts';
import type { Fields } from './task.ts';

/** How a task ended. */
export const OUTCOMES = ['enriched', 'not_found', 'ambiguous', 'dead', 'cancelled'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/**
 * Where a stored value comes from. Kept as it is in the database, so the names are those that SQL users see.
 * Times are epoch milliseconds.
 */
export interface Provenance {
  readonly provider: string;
  /** The provider's own id of the thing. */
  readonly id: string;
  readonly fetched_at: number;
  /** Until when the provider's licence or our TTL lets the value be kept. */
  readonly expires_at: number;
}

/** What a settled task leaves in the result table of its pipeline. */
export interface ResultRow {
  /** With the id the key of the row. */
  readonly owner: string;
  readonly id: string;
  readonly taskId: string;
  /** The submitted fields; those without a column of their own are ignored. */
  readonly entity: Fields;
  /** What came with the message and is known to nobody: stored as it came. */
  readonly extra: Fields;
  readonly outcome: Outcome;
  /** A provider of the chain failed or was skipped, so a later look-up may find more. */
  readonly partial: boolean;
  /** The providers that `partial` is about. */
  readonly missing: readonly string[];
  /** Canonical field → value. Empty unless enriched. */
  readonly enriched: Fields;
  /** Exactly the keys of `enriched`. */
  readonly provenance: Readonly<Record<string, Provenance>>;
  /** The accepted match, or the nearest one of an ambiguous look-up. */
  readonly match?: Match;
  /** Provider of the accepted match. */
  readonly source?: string;
  /**
   * Epoch milliseconds of what the verdict rests on: see `verdictTime`. A repeat that was served from the cache has
   * the `at` of the first, which is how an unchanged row is known without being written again.
   */
  readonly at: number;
}

/**
 * The time that a verdict speaks for. Answers alone: when the newest was fetched, so that settling the same answers
 * again changes nothing. A provider that failed or was passed over, or no answer at all: now.
 */
export function verdictTime(
  task: {
    readonly answers: Readonly<Record<string, { readonly fetchedAt: number }>>;
    readonly failed: Readonly<Record<string, string>>;
    readonly skipped: Readonly<Record<string, string>>;
  },
  now: number,
): number {
  const times = Object.values(task.answers).map((answer) => answer.fetchedAt);
  const gaps = Object.keys(task.failed).length + Object.keys(task.skipped).length;
  return gaps > 0 || times.length === 0 ? now : Math.max(...times);
}
