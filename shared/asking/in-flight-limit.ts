/** Milliseconds that the first answer is expected to take. With a fixed bound, a fast limit stands idle until it is there. */
const FIRST_MS = 200;
/** One request that takes long must not keep all others from starting. */
const LEAST = 2;
/** Answers do not take the same time each: twice the mean leaves hardly any slot unused. */
const HEADROOM = 2;
/** Weight of the latest answer in the mean: some twenty answers change it wholly. */
const WEIGHT = 0.1;

/**
 * Most requests of this process that should be under way at one provider: by Little's law its rate times its latency,
 * with headroom, as of the latest answers. It holds for the rate of the whole cluster, since any process may be the one
 * that has work; so it never costs throughput. What it saves is connections at a provider that is fast, and what it
 * gives is the full rate at one that became slow, up to `most`.
 */
export class InFlightLimit {
  /** The bound that the provider, or the operator, sets. */
  readonly most: number;
  #current: number;
  #meanMs: number | undefined;

  /** `spacingMs`: from one start to the next at the configured rate. */
  constructor(most: number, spacingMs: number) {
    this.most = most;
    this.#current = this.#wanted(FIRST_MS, spacingMs);
  }

  get current(): number {
    return this.#current;
  }

  /**
   * What an answer took, and from one start to the next at the rate in force, in milliseconds. Only of answers: a fault
   * says nothing about how long an answer takes, and a provider that hangs needs no more requests.
   */
  observe(tookMs: number, spacingMs: number): void {
    this.#meanMs = this.#meanMs === undefined ? tookMs : this.#meanMs + WEIGHT * (tookMs - this.#meanMs);
    this.#current = this.#wanted(this.#meanMs, spacingMs);
  }

  #wanted(latencyMs: number, spacingMs: number): number {
    const wanted = Math.ceil((HEADROOM * latencyMs) / spacingMs) + 1;
    return Math.min(this.most, Math.max(LEAST, wanted));
  }
}
