import type { AnswerAddress, AnswerCache } from '../../shared/redis/answer-cache.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { chainOf, countingAnswers, countsFor } from '../../shared/task/plan.ts';
import { type Supplements, takenHits, wantedSupplements } from '../../shared/task/supplement.ts';
import { questionOf } from './question.ts';
import type { OnStale } from './revalidation.ts';
import { withAnswer, type Work } from './work.ts';

export interface AnswersAtHandDeps {
  readonly cache: AnswerCache;
  readonly metrics: Metrics;
  /** Providers of a pipeline's chain that can be asked here. */
  readonly chain: (work: Work) => readonly string[];
  readonly known: readonly string[];
  readonly supplements: Supplements;
  readonly onStale: OnStale;
}

/**
 * Gives every task the cached answers that it can use: one trip to Redis for all tasks of a tick, which asks for the first
 * provider of their chains alone, since most hits are there; one for the rest of the chain of those that still need it;
 * and one for those with a hit that a supplement adds to, since only the hit says what it would be asked.
 */
export async function answersAtHand(
  works: readonly Work[],
  deps: AnswersAtHandDeps,
): Promise<readonly Work[]> {
  const begun = await fill(works, lackingFirst, deps);
  return fill(await fill(begun, lackingFinders, deps), lackingSupplements, deps);
}

/** Where the answers are that a task still lacks. */
type Lacking = (work: Work, deps: AnswersAtHandDeps) => AnswerAddress[];

async function fill(
  works: readonly Work[],
  lacking: Lacking,
  deps: AnswersAtHandDeps,
): Promise<readonly Work[]> {
  const questions = works.flatMap((work, at) => lacking(work, deps).map((address) => ({ at, address })));
  if (questions.length === 0) return works;
  const answers = await deps.cache.getMany(questions.map(({ address }) => address));
  const informed = [...works];
  const now = Date.now();
  questions.forEach(({ at, address }, index) => {
    const answer = answers[index];
    const work = informed[at];
    if (answer === undefined || work === undefined || !countsFor(work.task, answer, now)) return;
    deps.metrics.of.cacheHits(address.provider).inc();
    if (answer.expiresAt <= now) {
      deps.metrics.staleAnswers.inc({ provider: address.provider });
      deps.onStale(work, address);
    }
    informed[at] = withAnswer(work, answer, 'cache_hit');
  });
  return informed;
}

/** Where one hit is enough: of the provider that is asked first. */
const lackingFirst: Lacking = (work, deps) => {
  const { task } = work;
  if (task.strategy !== 'first') return [];
  const [first] = chainOf(task, deps.chain(work), deps).finders;
  if (first === undefined || task.state.answers[first] !== undefined) return [];
  return [{ provider: first, digest: questionOf(work).digest }];
};

/** All of the chain; where one hit is enough, those whose hit would be taken before it. */
const lackingFinders: Lacking = (work, deps) => {
  const { task } = work;
  const { finders } = chainOf(task, deps.chain(work), deps);
  const answers = countingAnswers(task, finders, Date.now());
  const hit = finders.findIndex((provider) => answers.get(provider)?.kind === 'hit');
  const open = task.strategy === 'first' && hit >= 0 ? finders.slice(0, hit) : finders;
  const lacking = open.filter((provider) => task.state.answers[provider] === undefined);
  if (lacking.length === 0) return [];
  const { digest } = questionOf(work);
  return lacking.map((provider) => ({ provider, digest }));
};

const lackingSupplements: Lacking = (work, deps) => {
  const { task } = work;
  const { providers, finders } = chainOf(task, deps.chain(work), deps);
  if (providers.length === finders.length) return [];
  const answers = [...countingAnswers(task, finders, Date.now()).values()];
  const wanted = wantedSupplements(providers, takenHits(task.strategy, answers), deps.supplements);
  return wanted
    .filter((provider) => task.state.answers[provider] === undefined)
    .map((provider) => ({
      provider,
      digest: questionOf(work, deps.supplements.get(provider)).digest,
    }));
};
