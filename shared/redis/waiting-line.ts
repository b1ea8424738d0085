import { setImmediate as nextTick } from 'node:timers/promises';
import type { Lane } from '../task/task.ts';

/** Anything that waits for a slot: the most urgent first, those of one priority in the order of their arrival. */
export interface Waiting<Request extends { readonly priority: number }> {
  readonly request: Request;
  readonly reject: (error: Error) => void;
}

/** The waiting requests of one lane in one process, and the sleep of the loop that serves them. */
export class WaitingLine<W extends Waiting<{ readonly priority: number }>> {
  readonly lane: Lane;
  isServed = false;
  /** When the process joined the cluster-wide line (µs, the script's clock): keeps its place if it is overtaken. */
  ticket = 0;
  readonly #waiting: W[] = [];
  #wake: () => void = () => undefined;

  constructor(lane: Lane) {
    this.lane = lane;
  }

  get length(): number {
    return this.#waiting.length;
  }

  get mostUrgent(): W | undefined {
    let found: W | undefined;
    for (const one of this.#waiting)
      if (found === undefined || one.request.priority > found.request.priority) found = one;
    return found;
  }

  /** Wakes the sleeper when the newcomer is more urgent than what it sleeps for. */
  add(waiting: W): void {
    const head = this.mostUrgent;
    this.#waiting.push(waiting);
    if (head !== undefined && waiting.request.priority > head.request.priority) this.#wake();
  }

  /** False when it was not there any more. Wakes the sleeper: it may have slept for this one. */
  remove(waiting: W): boolean {
    const at = this.#waiting.indexOf(waiting);
    if (at >= 0) this.#waiting.splice(at, 1);
    this.#wake();
    return at >= 0;
  }

  rejectAll(error: Error): void {
    for (const one of this.#waiting.splice(0)) one.reject(error);
  }

  /** Whoever served it could not go on: those who wait learn it, and the next one is served anew. */
  readonly fail = (error: unknown): void => {
    this.isServed = false;
    this.rejectAll(error as Error);
  };

  wake(): void {
    this.#wake();
  }

  /** Timers have a grain of a millisecond: shorter waits only let the event loop turn. */
  async sleep(ms: number): Promise<void> {
    if (ms < 1) {
      await nextTick();
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }
}
