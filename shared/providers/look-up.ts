/**
 * One look-up: a provider is asked from the most precise question to the loosest, and what comes back is judged at
 * every step. The first accepted candidate ends the climb; the best ambiguous one is remembered for the case that none
 * is accepted. Has no effect but those of `call`.
 */
import type { Answer, Candidate, Judgement, Match, Scored } from '../task/answer.ts';
import { cleanText, fitFields } from './fit-fields.ts';
import type { Call, Provider } from './provider.ts';

/** A task carries its answers in its message. */
const MAX_FIELDS_BYTES = 16 * 1024;
const MAX_TITLE_LENGTH = 300;
const MAX_ID_LENGTH = 300;

export interface LookUpDeps<Query, C extends Candidate> {
  /** Of the provider. */
  readonly name: string;
  readonly query: Query;
  /** Absent for a supplement: what it holds under the ids that it is given needs no judging, and is no match. */
  readonly matcher?: {
    readonly judge: (query: Query, candidates: readonly C[]) => Judgement<C>;
    readonly version: string;
  };
  readonly call: Call;
  /** Requests that `call` has made so far; those that a cache answered do not count. */
  readonly requests: () => number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly ttl: { readonly hitSeconds: number; readonly missSeconds: number; readonly maxSeconds: number };
}

interface Finding<C extends Candidate> {
  readonly rung: string;
  readonly candidate: C;
  readonly best: Scored<C>;
  readonly runnerUp: Scored<C> | undefined;
}

/**
 * Never retries: what `call` throws comes through, and a later try finds the requests that were answered in the
 * response cache. An ambiguous answer is kept as long as a miss, since more data may decide it soon.
 */
export async function lookUp<Query, C extends Candidate>(
  provider: Provider<Query, C>,
  deps: LookUpDeps<Query, C>,
): Promise<Answer> {
  // Before the first request: an answer does not claim to be fresher than what was fetched for it.
  const fetchedAt = deps.now();
  const { accepted, ambiguous } = await climb(provider, deps);
  const found = accepted ?? ambiguous;
  const kind = accepted !== undefined ? 'hit' : ambiguous !== undefined ? 'ambiguous' : 'miss';
  const ttlSeconds = kind === 'hit' ? deps.ttl.hitSeconds : deps.ttl.missSeconds;
  return {
    provider: deps.name,
    kind,
    fetchedAt,
    expiresAt: fetchedAt + Math.min(ttlSeconds, deps.ttl.maxSeconds) * 1_000,
    requests: deps.requests(),
    ...(found === undefined
      ? {}
      : {
          id: cleanText(found.candidate.id).slice(0, MAX_ID_LENGTH),
          fields: fitFields(found.candidate.fields, MAX_FIELDS_BYTES),
          ...(deps.matcher === undefined ? {} : { match: matchOf(found, deps.matcher.version) }),
        }),
  };
}

async function climb<Query, C extends Candidate>(
  provider: Provider<Query, C>,
  deps: LookUpDeps<Query, C>,
): Promise<{ accepted?: Finding<C>; ambiguous?: Finding<C> }> {
  let ambiguous: Finding<C> | undefined;
  for (const rung of provider.ladder(deps.query, deps.call)) {
    const candidates = await rung.search();
    if (candidates.length === 0) continue;
    const { verdict, best, runnerUp } = judge(deps, candidates);
    if (verdict === 'none' || best === undefined) continue;
    const finding = { rung: rung.name, candidate: best.candidate, best, runnerUp };
    if (verdict === 'accepted') {
      const accepted = await withDetails(provider, finding, deps);
      if (accepted !== undefined) return { accepted };
    } else if (ambiguous === undefined || best.score > ambiguous.best.score) {
      ambiguous = finding;
    }
  }
  return ambiguous === undefined ? {} : { ambiguous };
}

/** Details may tell what a search hides, such as a running time that rules the candidate out: then it was none. */
async function withDetails<Query, C extends Candidate>(
  provider: Provider<Query, C>,
  finding: Finding<C>,
  deps: LookUpDeps<Query, C>,
): Promise<Finding<C> | undefined> {
  if (provider.details === undefined) return finding;
  const candidate = await provider.details(finding.candidate, deps.query, deps.call);
  const judged = judge(deps, [candidate]);
  if (judged.verdict === 'none') return undefined;
  return { ...finding, candidate, best: judged.best ?? finding.best };
}

function judge<Query, C extends Candidate>(
  { matcher, query }: LookUpDeps<Query, C>,
  candidates: readonly C[],
): Judgement<C> {
  if (matcher !== undefined) return matcher.judge(query, candidates);
  const [candidate] = candidates;
  if (candidate === undefined) return { verdict: 'none' };
  return { verdict: 'accepted', best: { candidate, distance: 0, score: 1, fields: [], vetoes: [] } };
}

function matchOf<C extends Candidate>(finding: Finding<C>, matcherVersion: string): Match {
  const { best, runnerUp } = finding;
  return {
    score: best.score,
    matcherVersion,
    fields: best.fields,
    rung: finding.rung,
    ...(runnerUp === undefined
      ? {}
      : {
          runnerUp: {
            id: cleanText(runnerUp.candidate.id).slice(0, MAX_ID_LENGTH),
            title: cleanText(runnerUp.candidate.title).slice(0, MAX_TITLE_LENGTH),
            score: runnerUp.score,
          },
        }),
  };
}
