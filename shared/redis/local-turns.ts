/**
 * The stand-in for a gate while Redis is away. Time is divided into spacings, and the workers that were seen last take
 * them in turn, by the clock that Redis had: without a word between them they keep the rate, and the distance.
 */
export interface LocalShare {
  /** Processes that shared the rate, and how many of them are before this one. */
  readonly workers: number;
  readonly seat: number;
  readonly spacingMs: number;
  /** What the clock of Redis is ahead of `performance.now()`. */
  readonly clockAheadMs: number;
}

/** Part of a turn in which it may be begun: the next one is somebody else's. */
const PUNCTUAL = 0.2;

export class LocalTurns {
  #share: LocalShare;
  /** Milliseconds of the clock of Redis. */
  #starts: number[] = [];
  #lastTurnAt = Number.NEGATIVE_INFINITY;

  constructor(share: LocalShare) {
    this.#share = share;
  }

  /** The latest known share is the one that counts. */
  learn(share: LocalShare): void {
    this.#share = share;
  }

  get spacingMs(): number {
    return this.#share.spacingMs;
  }

  /**
   * Takes the turn and returns 0, or returns the milliseconds until it may be asked for again.
   * @param at `performance.now()`
   */
  take(at: number): number {
    const { workers, seat, spacingMs, clockAheadMs } = this.#share;
    const now = at + clockAheadMs;
    const turn = Math.floor(now / spacingMs);
    const turnAt = turn * spacingMs;
    const isMine = turn % workers === seat;
    if (isMine && turnAt > this.#lastTurnAt && now - turnAt <= PUNCTUAL * spacingMs) {
      this.#lastTurnAt = turnAt;
      this.#starts.push(now);
      return 0;
    }
    const ahead = (seat - (turn % workers) + workers) % workers;
    return turnAt + (ahead === 0 ? workers : ahead) * spacingMs - now;
  }

  /** The latest starts, so that the gate hears of them when Redis is back. Each is given once. */
  drainStarts(most: number): readonly number[] {
    return this.#starts.splice(0).slice(-most);
  }
}
