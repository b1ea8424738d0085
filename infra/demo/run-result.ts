import type { EnrichedRow } from './results.ts';
import {
  OUTCOMES,
  publishedIn,
  settledIn,
  sum,
  waitingIn,
  type Outcome,
  type RunState,
} from './run-state.ts';
import type { WrongMatch } from './wrong-matches.ts';

export interface RunResult {
  readonly state: RunState;
  readonly owner: string;
  readonly rows: ReadonlyMap<string, readonly EnrichedRow[]>;
  /** Undefined when real services were asked: nobody knows what is right. */
  readonly wrong: readonly WrongMatch[] | undefined;
  /** Since the command began, servers included. */
  readonly totalSeconds: number;
}

export const isEverythingSettled = ({ state }: RunResult): boolean => settledIn(state) === publishedIn(state);

/** Rows, not ids: a row with two wrong ids is one wrong match. */
export const wrongRows = ({ wrong }: RunResult, pipeline?: string): number | undefined =>
  wrong === undefined
    ? undefined
    : new Set(
        wrong
          .filter((one) => pipeline === undefined || one.pipeline === pipeline)
          .map((one) => `${one.pipeline} ${one.id}`),
      ).size;

export const violationsIn = ({ state, wrong }: RunResult): number | undefined =>
  wrong === undefined ? undefined : sum([...state.providers.values()].map(({ violations }) => violations));

/** The document of `--json`. What nobody can know when real services are asked is null. */
export function resultDocument(result: RunResult): object {
  const { state, totalSeconds } = result;
  const byOutcome = (outcomes: Iterable<Readonly<Record<Outcome, number>>>): object => {
    const all = [...outcomes];
    return Object.fromEntries(OUTCOMES.map((name) => [name, sum(all.map((one) => one[name]))]));
  };
  const byProvider = (figure: 'lookUps' | 'requests' | 'cacheHits'): object =>
    Object.fromEntries([...state.providers].map(([name, figures]) => [name, figures[figure]]));
  return {
    published: publishedIn(state),
    rejected: sum(state.publications.map(({ rejected }) => rejected)),
    settled: byOutcome(state.outcomes.values()),
    waiting: waitingIn(state),
    wrong_matches: wrongRows(result) ?? null,
    lookups: byProvider('lookUps'),
    requests: byProvider('requests'),
    cache_hits: byProvider('cacheHits'),
    limit_violations: violationsIn(result) ?? null,
    duration_s: rounded(totalSeconds),
    enriching_s: rounded(state.seconds),
    pipelines: Object.fromEntries(
      state.publications.map(({ source, published, rejected }) => {
        const { name } = source.pipeline;
        const outcomes = state.outcomes.get(name);
        return [
          name,
          {
            published,
            rejected,
            settled: byOutcome(outcomes === undefined ? [] : [outcomes]),
            wrong_matches: wrongRows(result, name) ?? null,
          },
        ];
      }),
    ),
  };
}

const rounded = (seconds: number): number => Math.round(seconds * 10) / 10;
