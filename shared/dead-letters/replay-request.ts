import type { Pipeline } from '../pipelines/pipeline.ts';
import type { Rate } from '../runtime/environment.ts';
import type { DeadLetterFilter } from '../task/dead-letter-filter.ts';

/** Which letters of one pipeline are replayed, and how. */
export interface ReplayRequest {
  readonly pipeline: Pipeline;
  readonly filter: DeadLetterFilter;
  /** Most letters to replay. */
  readonly limit?: number;
  readonly rate?: Rate;
  /** Also those that were replayed three times already. */
  readonly isForced: boolean;
  /** False = all at once: no canary, no stop, no outcome. */
  readonly isWatched: boolean;
  /** Answers fetched before the replay do not count, cached ones included. */
  readonly isRefresh: boolean;
  /** How long the replay waits while nothing comes back. */
  readonly silenceMs: number;
}
