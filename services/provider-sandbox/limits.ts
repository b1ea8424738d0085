import type { Rate } from '../../shared/runtime/environment.ts';

export interface Limit {
  readonly rate: Rate;
  /** Most requests in flight; absent = not limited. */
  readonly connections?: number;
  /**
   * `all`: refused requests count as well, so that a client which does not slow down is refused until it does.
   * `served`: only what was answered counts.
   */
  readonly counts: 'all' | 'served';
}

export interface Verdict {
  readonly admitted: boolean;
  /** Until the window has room again. */
  readonly waitMs: number;
}

/** The window of one service, sliding with the clock: no burst at the border of two windows escapes it. */
export class SlidingLimit {
  #limit: Limit;
  speed: number;
  /** Arrivals that count, oldest first, from `#first` on. */
  #arrivals: number[] = [];
  #first = 0;
  #inFlight = 0;

  constructor(limit: Limit, speed: number) {
    this.#limit = limit;
    this.speed = speed;
  }

  /** Takes effect with the next arrival; what has arrived still counts. */
  change(limit: Omit<Limit, 'counts'>): void {
    this.#limit = { ...this.#limit, ...limit };
  }

  /** What is allowed at this speed. Below one request a window the window grows instead. */
  get allowed(): { count: number; windowMs: number; connections?: number } {
    const { rate, connections } = this.#limit;
    const count = rate.count * this.speed;
    return {
      count: Math.max(1, Math.floor(count)),
      windowMs: count >= 1 ? rate.windowMs : rate.windowMs / count,
      ...(connections === undefined
        ? {}
        : { connections: Math.max(1, Math.floor(connections * this.speed)) }),
    };
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Judges a request that arrives now. `finish` must be called once for each, admitted or not. */
  arrive(nowMs: number): Verdict {
    const { count, windowMs, connections } = this.allowed;
    this.#dropArrivals(nowMs - windowMs);
    this.#inFlight += 1;
    const waiting = this.#arrivals.length - this.#first - count;
    const crowded = connections !== undefined && this.#inFlight > connections;
    const admitted = waiting < 0 && !crowded;
    if (admitted || this.#limit.counts === 'all') this.#arrivals.push(nowMs);
    const frees = this.#arrivals[this.#first + Math.max(0, waiting)] ?? nowMs;
    return { admitted, waitMs: admitted ? 0 : Math.max(0, frees + windowMs - nowMs) };
  }

  /** As after a start; what is in flight still is. */
  forget(): void {
    this.#arrivals = [];
    this.#first = 0;
  }

  finish(): void {
    this.#inFlight -= 1;
  }

  #dropArrivals(before: number): void {
    while ((this.#arrivals[this.#first] ?? Infinity) <= before) this.#first += 1;
    if (this.#first > 1_000 && this.#first > this.#arrivals.length / 2) {
      this.#arrivals = this.#arrivals.slice(this.#first);
      this.#first = 0;
    }
  }
}
