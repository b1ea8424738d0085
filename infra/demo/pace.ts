import type { ProviderDefinition } from '../../shared/providers/provider.ts';
import { parseRate, type Rate } from '../../shared/runtime/environment.ts';
import { sum, waitingIn, type RunState } from './run-state.ts';

/** How fast a provider is asked, and how fast it may be. */
export interface ProviderPace {
  readonly perSecond: number;
  readonly limitPerSecond: number;
  /** Of what the window of its limit allows, 0 to 1: a limit of 600 in 30 s may be used up in bursts. */
  readonly share: number;
}

/** Long enough to smooth single requests, short enough to follow. */
const WINDOW_SECONDS = 5;
/** A search and the details of what it found, before the run itself says how many. */
const REQUESTS_A_LOOK_UP = 2;

/** Speeds over the last seconds, from one look to the next. */
export class PaceMeter {
  readonly #limits: ReadonlyMap<string, Rate>;
  #looks: RunState[] = [];

  /** `speed` multiplies the limits. */
  constructor(definitions: readonly ProviderDefinition[], speed: number) {
    this.#limits = new Map(
      definitions.map(({ name, limits }) => {
        const { count, windowMs } = parseRate(limits.rate);
        return [name, { count: count * speed, windowMs }];
      }),
    );
  }

  add(state: RunState): void {
    this.#looks.push(state);
  }

  paces(): ReadonlyMap<string, ProviderPace> {
    return new Map(
      [...this.#limits].map(([name, { count, windowMs }]) => {
        const windowSeconds = windowMs / 1_000;
        const limitPerSecond = count / windowSeconds;
        const recent = this.#requests(name, WINDOW_SECONDS);
        const inWindow = this.#requests(name, Math.max(WINDOW_SECONDS, windowSeconds));
        const allowed = limitPerSecond * Math.max(inWindow.seconds, windowSeconds);
        return [
          name,
          {
            limitPerSecond,
            perSecond: recent.seconds === 0 ? 0 : recent.count / recent.seconds,
            share: inWindow.count / allowed,
          },
        ];
      }),
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

  /** Requests over the last so many seconds, and over how many it could be measured. */
  #requests(provider: string, seconds: number): { count: number; seconds: number } {
    const last = this.#looks.at(-1);
    if (last === undefined) return { count: 0, seconds: 0 };
    const from = this.#looks.find((look) => look.seconds >= last.seconds - seconds) ?? last;
    const of = (look: RunState): number => look.providers.get(provider)?.requests ?? 0;
    return { count: of(last) - of(from), seconds: last.seconds - from.seconds };
  }
}
