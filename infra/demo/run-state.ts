/** Everything that is known of a run at one moment. */
import type { ProviderFigures } from './figures.ts';
import type { Publication } from './publish-source.ts';
import type { Settled } from './results.ts';

export type Outcome = Settled | 'dead';

export const OUTCOMES: readonly Outcome[] = ['enriched', 'not_found', 'ambiguous', 'dead'];

export type Outcomes = Readonly<Record<Outcome, number>>;

export interface RunState {
  /** Since the first row was published. */
  readonly seconds: number;
  readonly publications: readonly Publication[];
  /** By pipeline. */
  readonly outcomes: ReadonlyMap<string, Outcomes>;
  /** Messages by stage. */
  readonly waiting: ReadonlyMap<string, number>;
  /** Counted in this run. */
  readonly providers: ReadonlyMap<string, ProviderFigures>;
}

export const NO_OUTCOMES: Outcomes = { enriched: 0, not_found: 0, ambiguous: 0, dead: 0 };

export const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, one) => total + one, 0);

export const publishedIn = ({ publications }: RunState): number =>
  sum(publications.map(({ published }) => published));

export const settledIn = ({ outcomes }: RunState): number =>
  sum([...outcomes.values()].flatMap((one) => Object.values(one)));

export const waitingIn = ({ waiting }: RunState): number => sum(waiting.values());

/** Everything is published and settled, and no queue holds anything. */
export const isComplete = (state: RunState): boolean =>
  state.publications.every(({ isComplete: done }) => done) &&
  settledIn(state) >= publishedIn(state) &&
  waitingIn(state) === 0;
