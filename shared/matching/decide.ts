import type { Candidate, FieldDistance, Judgement, Scored } from '../task/answer.ts';

/** Part of every answer's cache key: raise it with any change that can change a verdict. */
export const MATCHER_VERSION = '2';

/** Up to here a candidate is taken for the thing itself. */
const ACCEPT = 0.15;
/** Up to here it is too near to be called nothing: the verdict is `ambiguous`. */
const REVIEW = 0.25;
/** Two different things closer than this cannot be told apart. */
const MARGIN = 0.02;
/** An equal of the nearest may be chosen in its place when it is not noticeably worse. */
const EQUAL = 0.05;

export interface DecisionRules<C extends Candidate> {
  /** The same thing twice: neither is the other's rival. Must be symmetric. */
  isSame(a: C, b: C): boolean;
  /** Orders equals, the preferred one first; 0 leaves it to the id, so that the order of arrival never decides. */
  compare(a: C, b: C): number;
  /** True when `a` wins over its equally near rival `b` for another reason. Absent = never. */
  dominates?(a: C, b: C): boolean;
}

/** One verdict over all candidates of a look-up. Does not depend on their order. */
export function decide<C extends Candidate>(
  scored: readonly Scored<C>[],
  rules: DecisionRules<C>,
): Judgement<C> {
  const order = (a: C, b: C): number => rules.compare(a, b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  const nearestFirst = [...scored].sort(
    (a, b) =>
      Number(a.vetoes.length > 0) - Number(b.vetoes.length > 0) ||
      a.distance - b.distance ||
      order(a.candidate, b.candidate),
  );
  const eligible = nearestFirst.filter(({ vetoes }) => vetoes.length === 0);
  const nearest = eligible[0];
  if (nearest === undefined) return { verdict: 'none', scored: nearestFirst };
  const isEqual = (one: Scored<C>): boolean =>
    one === nearest || rules.isSame(nearest.candidate, one.candidate);
  const best = eligible
    .filter(
      (one) =>
        isEqual(one) &&
        one.distance <= Math.min(nearest.distance + EQUAL, Math.max(ACCEPT, nearest.distance)),
    )
    .reduce((a, b) => (order(b.candidate, a.candidate) < 0 ? b : a), nearest);
  const runnerUp = eligible.find((one) => !isEqual(one));
  const found = { best, ...(runnerUp && { runnerUp }), scored: nearestFirst };
  if (nearest.distance > REVIEW) return { verdict: 'none', ...found };
  const contested = eligible.some(
    (one) =>
      !isEqual(one) &&
      one.distance - nearest.distance < MARGIN &&
      rules.dominates?.(best.candidate, one.candidate) !== true,
  );
  return { verdict: nearest.distance > ACCEPT || contested ? 'ambiguous' : 'accepted', ...found };
}

/** Mean of the compared fields by weight; four decimals, which is all that a message needs to carry. */
export function weightedMean(fields: readonly FieldDistance[]): number {
  const weight = fields.reduce((sum, field) => sum + field.weight, 0);
  return fields.reduce((sum, field) => sum + field.distance * field.weight, 0) / weight;
}

export const round = (value: number): number => Math.round(value * 10_000) / 10_000;
