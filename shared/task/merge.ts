/** From the answers of a task to the fields that are stored. */
import type { Answer, Match } from './answer.ts';
import { chainOf, type ChainOptions, countingAnswers } from './plan.ts';
import type { Provenance } from './result.ts';
import { takenHits, wantedSupplements } from './supplement.ts';
import type { Fields, Json, Task } from './task.ts';

export interface MergedAnswers {
  readonly enriched: Fields;
  /** Exactly the keys of `enriched`. */
  readonly provenance: Readonly<Record<string, Provenance>>;
  /** The accepted match, or the nearest one of the ambiguous look-ups. */
  readonly match?: Match;
  /** Provider of the accepted match. */
  readonly source?: string;
}

export interface MergeRules extends ChainOptions {
  readonly chain: readonly string[];
  /** Field → who is believed first; the others follow in the order of the chain. */
  readonly preferred: Readonly<Record<string, readonly string[]>>;
}

/**
 * Strategy `first`: the fields of the first hit of the chain, so that album, date and artwork belong together.
 * `merge`: field by field, from the most believed provider that gives it. Supplements add to the hits that are taken.
 * Nothing (null, "", an empty list) is no value.
 */
export function mergeAnswers(task: Task, rules: MergeRules, now: number): MergedAnswers {
  const { providers, finders } = chainOf(task, rules.chain, rules);
  const answers = countingAnswers(task, providers, now);
  const found = finders.flatMap((provider) => answers.get(provider) ?? []);
  const hits = takenHits(task.strategy, found);
  const first = hits[0];
  if (first === undefined) {
    const nearest = nearestMatch(found);
    return { enriched: {}, provenance: {}, ...(nearest && { match: nearest }) };
  }
  const supplements = wantedSupplements(providers, hits, rules.supplements);
  const used = [...hits, ...supplements.flatMap((provider) => answers.get(provider) ?? [])];
  const enriched: Fields = {};
  const provenance: Record<string, Provenance> = {};
  for (const answer of used) {
    const origin = provenanceOf(answer);
    const { fields = {} } = answer;
    for (const field in fields) {
      const value = fields[field];
      if (!isValue(value)) continue;
      // Nearly every task has one hit, whose fields have nobody to be held against.
      const other = answer !== first && Object.hasOwn(provenance, field) ? provenance[field] : undefined;
      if (other !== undefined && !isBelievedMore(origin, other, rules.preferred[field])) continue;
      enriched[field] = value;
      provenance[field] = origin;
    }
  }
  return { enriched, provenance, source: first.provider, ...(first.match && { match: first.match }) };
}

/** Among equals the earlier one of the chain stays. */
function isBelievedMore(one: Provenance, other: Provenance, preferred: readonly string[] = []): boolean {
  const rank = ({ provider }: Provenance): number => {
    const place = preferred.indexOf(provider);
    return place < 0 ? preferred.length : place;
  };
  return rank(one) < rank(other);
}

function isValue(value: Json | undefined): value is Json {
  if (value === undefined || value === null || value === '') return false;
  return !(Array.isArray(value) && value.length === 0);
}

const provenanceOf = (answer: Answer): Provenance => ({
  provider: answer.provider,
  id: answer.id ?? '',
  fetched_at: answer.fetchedAt,
  expires_at: answer.expiresAt,
});

function nearestMatch(answers: readonly Answer[]): Match | undefined {
  return answers
    .flatMap(({ kind, match }) => (kind === 'ambiguous' && match !== undefined ? [match] : []))
    .sort((a, b) => b.score - a.score)[0];
}
