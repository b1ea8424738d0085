import type { Candidate, Judgement } from '../../shared/task/answer.ts';

/** How often the matcher was right. */
export interface Tally {
  asked: number;
  right: number;
  /** It said that it could not tell. */
  ambiguous: number;
  /** It accepted something else. */
  wrong: number;
  /** It accepted nothing. */
  missed: number;
}

export interface Accepted {
  readonly degradation: string;
  readonly asked: string;
  readonly accepted: string;
  readonly distance: number;
}

export interface Tallies {
  readonly byDegradation: Readonly<Record<string, Tally>>;
  /** Every wrong one; for absent things every accepted one. */
  readonly wrong: readonly Accepted[];
  /** What was missed or ambiguous though it was there. */
  readonly unmatched: readonly Accepted[];
}

export interface Question<C extends Candidate> {
  readonly degradation: string;
  readonly label: string;
  judge(): Judgement<C>;
  /** Never true for what is not in the catalogue: then whatever is accepted is wrong. */
  isRight(candidate: C): boolean;
  describe(candidate: C): string;
}

export function tallyUp<C extends Candidate>(questions: Iterable<Question<C>>): Tallies {
  const byDegradation: Record<string, Tally> = {};
  const wrong: Accepted[] = [];
  const unmatched: Accepted[] = [];
  for (const question of questions) {
    const { degradation } = question;
    const tally = (byDegradation[degradation] ??= { asked: 0, right: 0, ambiguous: 0, wrong: 0, missed: 0 });
    const { verdict, best } = question.judge();
    const found = {
      degradation,
      asked: question.label,
      accepted: best === undefined ? '' : question.describe(best.candidate),
      distance: best?.distance ?? 1,
    };
    tally.asked += 1;
    if (verdict === 'accepted' && best !== undefined) {
      const isRight = question.isRight(best.candidate);
      tally[isRight ? 'right' : 'wrong'] += 1;
      if (!isRight) wrong.push(found);
    } else {
      tally[verdict === 'ambiguous' ? 'ambiguous' : 'missed'] += 1;
      unmatched.push(found);
    }
  }
  return { byDegradation, wrong, unmatched };
}

/** All degradations together. */
export function total(tallies: Tallies, degradations: readonly string[]): Tally {
  const sum: Tally = { asked: 0, right: 0, ambiguous: 0, wrong: 0, missed: 0 };
  for (const degradation of degradations) {
    const tally = tallies.byDegradation[degradation];
    if (tally === undefined) continue;
    sum.asked += tally.asked;
    sum.right += tally.right;
    sum.ambiguous += tally.ambiguous;
    sum.wrong += tally.wrong;
    sum.missed += tally.missed;
  }
  return sum;
}
