/**
 * What comes next for a task, from its answers alone. Pure: every worker that holds the same message comes to the same
 * plan, so a task can be dropped anywhere and picked up by anybody.
 *
 * A provider of the chain is, for one task, either answered, failed, skipped or open. Look-ups go to open providers
 * until a hit is enough (`first`) or none is left (`merge`); then the task is complete:
 * any hit → enriched; else any failure → dead; else any ambiguous answer → ambiguous; else not_found.
 * Supplements (supplement.ts) take part once there is a hit that they add to, and never decide the outcome.
 */
import type { Answer } from './answer.ts';
import type { Outcome } from './result.ts';
import { type Supplements, takenHits, wantedSupplements } from './supplement.ts';
import type { Task } from './task.ts';

export interface Completion {
  readonly do: 'complete';
  readonly outcome: Exclude<Outcome, 'cancelled'>;
  /** A provider of the chain failed or was skipped: a later look-up may find more. */
  readonly partial: boolean;
  /** Those providers. */
  readonly missing: readonly string[];
}

export type Plan = Completion | { readonly do: 'look_up'; readonly provider: string };

export interface ChainOptions {
  /** Providers that the task may ask for by name; absent = those of the chain. */
  readonly known?: readonly string[];
  /** Which of the providers add to what others found: taken for one that finds something itself, it would be asked wrongly. */
  readonly supplements: Supplements;
}

export interface PlanOptions extends ChainOptions {
  /** Seconds until the provider would have answered; the soonest is asked next where all are asked. */
  readonly etaSeconds?: (provider: string) => number;
}

/**
 * The next step of a task. Terminates: each look-up that is followed by an answer, a failure or a skip makes the open
 * providers fewer, and no provider that answered or failed is named again.
 */
export function plan(task: Task, chain: readonly string[], now: number, options: PlanOptions): Plan {
  const { providers, finders } = chainOf(task, chain, options);
  const answers = countingAnswers(task, providers, now);
  const found = finders.flatMap((provider) => answers.get(provider) ?? []);
  const hits = takenHits(task.strategy, found);
  const wanted = wantedSupplements(providers, hits, options.supplements);
  const without = [...finders, ...wanted].filter((provider) => !answers.has(provider));
  const failed = without.filter((provider) => Object.hasOwn(task.state.failed, provider));
  const skipped = without.filter(
    (provider) => Object.hasOwn(task.state.skipped, provider) && !failed.includes(provider),
  );
  const open = without.filter((provider) => !failed.includes(provider) && !skipped.includes(provider));

  const isFound = hits.length > 0;
  const useful = isFound && task.strategy === 'first' ? open.filter((name) => wanted.includes(name)) : open;
  // Nobody has answered, so whoever is left is waited for: a task is not given up because gates were closed.
  const left = useful.length > 0 ? useful : found.length === 0 ? skipped : [];
  const provider = soonest(left, task.strategy === 'merge' ? options.etaSeconds : undefined);
  if (provider !== undefined) return { do: 'look_up', provider };

  const missing = providers.filter((provider) => failed.includes(provider) || skipped.includes(provider));
  const outcome = isFound
    ? 'enriched'
    : failed.length > 0
      ? 'dead'
      : found.some(({ kind }) => kind === 'ambiguous')
        ? 'ambiguous'
        : 'not_found';
  return { do: 'complete', outcome, partial: missing.length > 0, missing };
}

/**
 * Whether the provider may be passed over: somebody has a hit, or another one can still answer. So a supplement always
 * may: it is asked about a hit.
 * @param finders those of the chain of this task, see `chainOf`
 */
export function canSkip(task: Task, provider: string, finders: readonly string[], now: number): boolean {
  const answers = countingAnswers(task, finders, now);
  if ([...answers.values()].some(({ kind }) => kind === 'hit')) return true;
  const { failed, skipped } = task.state;
  const others = finders.filter((other) => other !== provider && !answers.has(other));
  return others.some((other) => !Object.hasOwn(failed, other) && !Object.hasOwn(skipped, other));
}

export interface Chain {
  readonly providers: readonly string[];
  /** Those of them that find something by themselves: all but the supplements. */
  readonly finders: readonly string[];
  /** Names that the task asked for and nobody can serve: worth a note in its timeline. */
  readonly ignored: readonly string[];
}

/**
 * The task's own choice of providers where it makes one that can be served, else the pipeline's. Who asks for a
 * supplement asks for its base as well, which is most often answered by the cache.
 */
export function chainOf(
  task: Task,
  chain: readonly string[],
  { known = chain, supplements }: ChainOptions,
): Chain {
  if (task.providers === undefined) return ownChain(chain, supplements);
  const baseOf = (provider: string): string => supplements.get(provider)?.base ?? provider;
  const asked = [...new Set(task.providers)];
  const served = asked.filter((provider) => known.includes(provider) && known.includes(baseOf(provider)));
  const chosen = [...new Set(served.flatMap((provider) => [baseOf(provider), provider]))];
  const providers = chosen.length > 0 ? chosen : chain;
  return {
    providers,
    finders: findersAmong(providers, supplements),
    ignored: asked.filter((provider) => !served.includes(provider)),
  };
}

const ownChains = new WeakMap<readonly string[], { readonly of: Supplements; readonly chain: Chain }>();

/** Nearly every task leaves the choice to its pipeline, and this is asked several times for each. */
function ownChain(providers: readonly string[], supplements: Supplements): Chain {
  const known = ownChains.get(providers);
  if (known?.of === supplements) return known.chain;
  const chain = { providers, finders: findersAmong(providers, supplements), ignored: [] };
  ownChains.set(providers, { of: supplements, chain });
  return chain;
}

const findersAmong = (providers: readonly string[], supplements: Supplements): readonly string[] =>
  providers.filter((provider) => !supplements.has(provider));

/**
 * Whether an answer, carried or cached, may be used for this task. Age alone takes nothing away: a stale answer is
 * served on purpose, and forgetting one because a queue was long would ask again without end. Only the task that was made
 * to replace it does without: what is fetched for that one expires later than it was made. A `notBefore` in the future,
 * which no answer could ever meet, stands for the first try.
 */
export function countsFor(task: Task, answer: Answer, now: number): boolean {
  const { revalidatedAt } = task.state;
  if (revalidatedAt !== undefined && answer.expiresAt <= revalidatedAt) return false;
  return (
    task.notBefore === undefined || answer.fetchedAt >= Math.min(task.notBefore, task.state.firstAt ?? now)
  );
}

/** Epoch milliseconds: an answer that is fetched from here on counts for the task, whatever it was made for. */
export const freshFrom = (task: Task): number => Math.max(task.notBefore ?? 0, task.state.revalidatedAt ?? 0);

/** By provider, in the order of the chain. */
export function countingAnswers(
  task: Task,
  providers: readonly string[],
  now: number,
): ReadonlyMap<string, Answer> {
  const counting = new Map<string, Answer>();
  for (const provider of providers) {
    const answer = Object.hasOwn(task.state.answers, provider) ? task.state.answers[provider] : undefined;
    if (answer !== undefined && countsFor(task, answer, now)) counting.set(provider, answer);
  }
  return counting;
}

/** The first of the chain, or the one with the least ETA; equals keep the order of the chain. */
function soonest(
  providers: readonly string[],
  etaSeconds: ((provider: string) => number) | undefined,
): string | undefined {
  if (etaSeconds === undefined) return providers[0];
  const byEta = providers.map((provider) => ({ provider, eta: etaSeconds(provider) }));
  return byEta.sort((a, b) => a.eta - b.eta)[0]?.provider;
}
