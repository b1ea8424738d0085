import type { ProviderDefinition } from '../../shared/providers/provider.ts';
import { parseRate } from '../../shared/runtime/environment.ts';
import { sum, waitingIn, type RunState } from './run-state.ts';

/** How fast a provider is asked, and how fast it may be. */
export interface ProviderPace {
  readonly perSecond: number;
  readonly limitPerSecond: number;
}

/** Long enough to smooth single requests, short enough to follow. */
const WINDOW_SECONDS = 5;
/** A search and the details of what it found, before the run itself says how many. */
const REQUESTS_A_LOOK_UP = 2;

/** Speeds over the last seconds, from one look to the next. */
export class PaceMeter {
  readonly #limits: ReadonlyMap<string, number>;
  #looks: RunState[] = [];

  /** `speed` multiplies the limits. */
  constructor(definitions: readonly ProviderDefinition[], speed: number) {
    this.#limits = new Map(
      definitions.map(({ name, limits }) => {
        const { count, windowMs } = parseRate(limits.rate);
        return [name, (count * speed * 1_000) / windowMs];
      }),
    );
  }

  add(state: RunState): void {
    this.#looks.push(state);
    // One look from before the window is kept: the speed is measured from there.
    while ((this.#looks[1]?.seconds ?? Infinity) <= state.seconds - WINDOW_SECONDS) this.#looks.shift();
  }

  paces(): ReadonlyMap<string, ProviderPace> {
    return new Map(
      [...this.#limits].map(([name, limitPerSecond]) => [
        name,
        { limitPerSecond, perSecond: this.#perSecond((state) => state.providers.get(name)?.requests ?? 0) },
      ]),
    );
  }

  /**
   * Seconds until the slowest provider has answered what waits for it now. Tasks at the entry stage are not with a provider
   * yet, and some that wait will wait for another one later: it is a lower bound that becomes exact. Undefined before
   * anything can be said.
   */
  etaSeconds(): number | undefined {
    const state = this.#looks.at(-1);
    if (state === undefined || state.publications.some(({ isComplete }) => !isComplete)) return undefined;
    const paces = this.paces();
    const etas = [...paces].map(([name, { perSecond, limitPerSecond }]) => {
      const { requests = 0, lookUps = 0 } = state.providers.get(name) ?? {};
      const requestsEach = lookUps === 0 ? REQUESTS_A_LOOK_UP : requests / lookUps;
      const rate = perSecond > 0 ? perSecond : limitPerSecond;
      return ((state.waiting.get(name) ?? 0) * requestsEach) / rate;
    });
    return waitingIn(state) > 0 && sum(etas) === 0 ? undefined : Math.max(...etas);
  }

  #perSecond(read: (state: RunState) => number): number {
    const [first] = this.#looks;
    const last = this.#looks.at(-1);
    if (first === undefined || last === undefined || last.seconds === first.seconds) return 0;
    return (read(last) - read(first)) / (last.seconds - first.seconds);
  }
}
