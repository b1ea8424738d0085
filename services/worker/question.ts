import { answerDigest } from '../../shared/redis/keys.ts';
import type { Supplement } from '../../shared/task/supplement.ts';
import type { Work } from './work.ts';

/** What a provider is asked for a task. */
export interface Question {
  readonly query: unknown;
  /** Files the answer: equal for all tasks that ask the same. */
  readonly digest: string;
}

/**
 * Of a provider that searches: the pipeline's query. Of a supplement: what follows from the answer of its base, which the
 * task carries by then; nothing of it is judged, so a new matcher changes nothing about its answers.
 */
export function questionOf({ task, pipeline }: Work, supplement?: Supplement): Question {
  if (supplement === undefined) {
    const query = pipeline.query(task.entity);
    return { query, digest: answerDigest(pipeline.matcherVersion, query) };
  }
  const query = supplement.question(task.state.answers[supplement.base]?.fields ?? {});
  return { query, digest: answerDigest('', query) };
}
