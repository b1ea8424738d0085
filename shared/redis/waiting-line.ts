import { setImmediate as nextTick } from 'node:timers/promises';
import type { Lane } from '../task/task.ts';
import type { Slot, SlotRequest } from './gate-slot.ts';

export interface WaitingSlot {
  readonly request: SlotRequest;
  readonly resolve: (slot: Slot) => void;
  readonly reject: (error: Error) => void;
}

/** The waiting requests of one lane in one process, and the sleep of the loop that serves them. */
export class WaitingLine {
  readonly lane: Lane;
  isServed = false;
  /** When the process joined the cluster-wide line (µs, the script's clock): keeps its place if it is overtaken. */
  ticket = 0;
  /** In the order of their arrival. */
  readonly #waiting: WaitingSlot[] = [];
  #wake: () => void = () => undefined;

  constructor(lane: Lane) {
    this.lane = lane;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Stands in the line until it is served; leaves it, and rejects, with the reason of the signal. */
  wait(request: SlotRequest): Promise<Slot> {
    const { signal } = request;
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const abandon = (): void => {
        this.remove(waiting);
        reject(signal.reason as Error);
      };
      const waiting: WaitingSlot = {
        request,
        resolve: (slot) => {
          signal.removeEventListener('abort', abandon);
          resolve(slot);
        },
        reject: (error) => {
          signal.removeEventListener('abort', abandon);
          reject(error);
        },
      };
      signal.addEventListener('abort', abandon, { once: true });
      this.#add(waiting);
    });
  }

  /** At most so many: the most urgent first, those of one priority in the order of their arrival. */
  mostUrgent(count: number): readonly WaitingSlot[] {
    if (count > 1) return this.#waiting.toSorted(byPriority).slice(0, count);
    const head = this.#head();
    return head === undefined ? [] : [head];
  }

  /** False when it was not there any more. Wakes the sleeper: it may have slept for this one. */
  remove(waiting: WaitingSlot): boolean {
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

  #head(): WaitingSlot | undefined {
    let found: WaitingSlot | undefined;
    for (const one of this.#waiting)
      if (found === undefined || one.request.priority > found.request.priority) found = one;
    return found;
  }

  /** Wakes the sleeper when the newcomer is more urgent than what it sleeps for. */
  #add(waiting: WaitingSlot): void {
    const head = this.#head();
    this.#waiting.push(waiting);
    if (head !== undefined && waiting.request.priority > head.request.priority) this.#wake();
  }
}

const byPriority = (one: WaitingSlot, other: WaitingSlot): number =>
  other.request.priority - one.request.priority;
