import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { Start } from './gate-slot.ts';

export interface StartOptions {
  /** By `performance.now()`, when it was to be sent, or a little earlier: by so much as Redis took to be asked. */
  readonly dueAt: number;
  /** From then on, or from when it is heard of, it is timely for so long. */
  readonly lastsMs: number;
  readonly onLate: (byMs: number) => void;
  readonly onGivenBack: () => void;
  readonly onFinished: () => void;
}

/** Requests leave about so long after they are granted; only what is later is told. */
const USUAL_MS = 2;
/** A process that was frozen finds an old grant among its replies. Longer than any reply that is waited for. */
const OLDEST_MS = 400;

/**
 * A granted start. Between Redis granting it and the request leaving lie a reply, this process's event loop and perhaps a
 * new connection: the window is that of the service, which counts from there on.
 */
export class GrantedStart implements Start {
  readonly #options: StartOptions;
  readonly #usableAt: number;
  #isSent = false;

  constructor(options: StartOptions) {
    this.#options = options;
    this.#usableAt = Math.max(performance.now(), options.dueAt);
  }

  /**
   * Resolves when it is to be sent. A timer alone is late by up to a millisecond, and at 100/s that is a tenth of the
   * distance: it brought 4 % of the requests too close instead of 1 %. So the last part is waited out turn by turn, which
   * takes half a millisecond of a processor.
   */
  async due(): Promise<void> {
    const wholeMs = -Math.ceil(this.#ageMs());
    if (wholeMs > 0) await delay(wholeMs);
    while (this.#ageMs() < 0) await nextTurn();
  }

  get isTimely(): boolean {
    return this.#ageMs() <= OLDEST_MS && performance.now() - this.#usableAt <= this.#options.lastsMs;
  }

  sent(): void {
    const ageMs = this.#ageMs();
    // A redirect is followed within the same request.
    if (!this.#isSent && ageMs > USUAL_MS) this.#options.onLate(ageMs);
    this.#isSent = true;
  }

  giveBack(): void {
    this.#options.onGivenBack();
    this.#options.onFinished();
  }

  finished(): void {
    this.#options.onFinished();
  }

  #ageMs(): number {
    return performance.now() - this.#options.dueAt;
  }
}
