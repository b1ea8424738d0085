/**
 * Some providers find nothing themselves: they add to what another one found, under an id that it gave. Such a
 * supplement is asked only about hits whose fields are taken, so a task never waits for one that it does not need; its
 * answer adds fields, is no match, and decides no outcome.
 */
import type { Answer } from './answer.ts';
import type { Fields, Strategy } from './task.ts';

export interface Supplement<Question = unknown> {
  /** The provider whose hits it adds to. */
  readonly base: string;
  /**
   * What it is asked about a hit of its base with these fields: everything that its answer depends on, since the answer
   * is filed under it. Undefined = nothing is to be asked. Pure.
   */
  question(base: Fields): Question | undefined;
}

/** By the name of the provider. */
export type Supplements = ReadonlyMap<string, Supplement>;

export const NO_SUPPLEMENTS: Supplements = new Map();

/** The hits whose fields make the result, in the order given: the first one, or all of them. */
export function takenHits(strategy: Strategy, answers: readonly Answer[]): readonly Answer[] {
  const hits = answers.filter(({ kind }) => kind === 'hit');
  return strategy === 'first' ? hits.slice(0, 1) : hits;
}

/** Those of the providers that have something to add to these hits, answered or not, in the order given. */
export function wantedSupplements(
  providers: readonly string[],
  hits: readonly Answer[],
  supplements: Supplements,
): readonly string[] {
  return providers.filter((name) => {
    const supplement = supplements.get(name);
    const base = hits.find(({ provider }) => provider === supplement?.base);
    return base !== undefined && supplement?.question(base.fields ?? {}) !== undefined;
  });
}
