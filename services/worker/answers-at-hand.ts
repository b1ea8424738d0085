import { answerDigest } from '../../shared/redis/keys.ts';
import type { AnswerAddress, AnswerCache } from '../../shared/redis/answer-cache.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { chainOf, countsFor } from '../../shared/task/plan.ts';
import { withAnswer, type Work } from './work.ts';

export interface AnswersAtHandDeps {
  readonly cache: AnswerCache;
  readonly metrics: Metrics;
  /** Providers of a pipeline's chain that can be asked here. */
  readonly chain: (work: Work) => readonly string[];
  readonly known: readonly string[];
}

/** Gives every task the cached answers of its chain: one trip to Redis for all tasks of a tick. */
export async function answersAtHand(
  works: readonly Work[],
  deps: AnswersAtHandDeps,
): Promise<readonly Work[]> {
  const questions = works.flatMap((work, at) => open(work, deps).map((address) => ({ at, address })));
  if (questions.length === 0) return works;
  const answers = await deps.cache.getMany(questions.map(({ address }) => address));
  const informed = [...works];
  const now = Date.now();
  questions.forEach(({ at, address }, index) => {
    const answer = answers[index];
    const work = informed[at];
    if (answer === undefined || work === undefined || !countsFor(work.task, answer, now)) return;
    deps.metrics.cacheHits.inc({ provider: address.provider });
    informed[at] = withAnswer(work, answer, 'cache_hit');
  });
  return informed;
}

/** Where the answers that this task still lacks would be. */
function open(work: Work, { chain, known }: AnswersAtHandDeps): AnswerAddress[] {
  const { task, pipeline } = work;
  const { providers } = chainOf(task, chain(work), known);
  const lacking = providers.filter((provider) => task.state.answers[provider] === undefined);
  if (lacking.length === 0) return [];
  const digest = answerDigest(pipeline.matcherVersion, pipeline.query(task.entity));
  return lacking.map((provider) => ({ provider, digest }));
}
