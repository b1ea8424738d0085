/**
 * One pass over a queue that is no one's to consume: the dead letters. A broker can neither look into a queue nor take
 * a message out of its middle, so every message is taken from the head and settled in one of three ways: moved to
 * another queue, put back at the tail, or acknowledged because what it held is safe elsewhere.
 *
 * Guarantees: deals with as many messages as the queue held when it began, so what arrives meanwhile (its own failures
 * too) is not touched; a message is acknowledged only when it is confirmed where it went, so after a crash each one is
 * here, there, or both with the same id; the others are in their old order once all are dealt with, and rotated when
 * the sweep ended before. Holds at most `prefetch` messages, however many the queue has.
 *
 * Counting alone would not do: acknowledgements get lost with their channel, and then more messages are left than it
 * says. So those at the tail carry the sweep's name. Whoever meets the first of them has met all others; after a loss as
 * many are dealt with again as may have come back.
 */
import { reached } from '../observability/milestones.ts';
import { LETTER_PRIORITY, priorityOf } from '../task/dead-letter.ts';
import { keptHeaders } from '../task/message-headers.ts';
import type { ConfirmPublisher } from './confirm-publisher.ts';
import type { Delivery } from './delivery.ts';
import type { QueueConsumer } from './queue-consumer.ts';
import { type Destination, relocate, type Relocation } from './relocate.ts';

export type Move =
  | { readonly to: 'tail' }
  | { readonly to: 'queue'; readonly destination: Destination & Relocation }
  /** What it held is safe elsewhere already. */
  | { readonly to: 'nowhere' };

export type SweptDelivery = Pick<Delivery, 'message' | 'isStale' | 'ack' | 'span'>;

export type SweptMessage = SweptDelivery['message'];

export interface SweepOptions {
  readonly queue: string;
  /** Marks what it put to the tail. Going on with a sweep is going on under its name. */
  readonly name: string;
  /** How many messages to deal with: those in the queue when the sweep begins. */
  readonly bound: number;
  readonly openConsumer: (
    onDelivery: (delivery: SweptDelivery) => void,
  ) => Pick<QueueConsumer, 'start' | 'abandon'>;
  readonly publisher: Pick<ConfirmPublisher, 'publish'>;
  /** True = nothing is left to be delivered: somebody else emptied the queue. Asked when nothing comes for a second. */
  readonly isEmpty: () => Promise<boolean>;
  /**
   * Says what becomes of the first messages of these, at least of one; the others are asked about again once those are
   * settled. None = enough: the sweep ends here, as complete as if it had seen all. Called for one batch at a time, in
   * the order of the queue.
   */
  readonly decide: (messages: readonly SweptMessage[]) => Promise<readonly Move[]>;
  /** The id under which a message goes to the tail. */
  readonly idOf: (message: SweptMessage) => string;
  /** A message is dealt with. */
  readonly onSettled?: (move: Move) => void;
  /** The broker took a message back before it was settled: it comes again and is decided about again. */
  readonly onLost?: (move: Move) => void;
  /** Aborted = stop here: what is under way is settled, the rest stays. */
  readonly signal: AbortSignal;
}

export interface SweepEnd {
  /** Messages dealt with. */
  readonly seen: number;
  readonly isComplete: boolean;
}

/** Header of a message that a sweep has put to the tail. */
const SWEPT_BY = 'x-swept-by';

/** Most deliveries that are held: enough to keep the broker busy, and a few MB at most. */
export const SWEEP_PREFETCH = 500;
const IDLE_MS = 1_000;
/** When it ends early, what is under way is waited for this long: a broker that is away would never confirm it. */
const LAST_SETTLES_MS = 5_000;

interface MessageProperties {
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** Resolves when the messages are dealt with or the signal is aborted. Rejects with what `decide` or publishing threw. */
export const sweep = (options: SweepOptions): Promise<SweepEnd> => new Sweep(options).run();

class Sweep {
  readonly #options: SweepOptions;
  #buffer: SweptDelivery[] = [];
  #seen = 0;
  /** Settled on channels that died: the broker may not know of so many of them. */
  #doubtful = 0;
  #settledHere = 0;
  #latestTag = 0;
  #moving = 0;
  #failure: { readonly error: unknown } | undefined;
  /** Nothing is left, or nothing more is wanted. */
  #isEnough = false;
  #wake: () => void = () => undefined;

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  async run(): Promise<SweepEnd> {
    const { bound, openConsumer, signal } = this.#options;
    const onAbort = (): void => {
      this.#wake();
    };
    signal.addEventListener('abort', onAbort);
    const consumer = openConsumer((delivery) => {
      this.#receive(delivery);
    });
    try {
      if (bound > 0) consumer.start();
      while (!this.#isOver()) await this.#step();
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      signal.removeEventListener('abort', onAbort);
      const deadline = performance.now() + LAST_SETTLES_MS;
      while (this.#moving > 0 && performance.now() < deadline) await this.#change(LAST_SETTLES_MS);
      // With the end of their channel the broker puts the unsettled back where they were. Handed back one by one, a
      // quorum queue under load bundles them and takes them out of their order.
      await consumer.abandon();
    }
    if (this.#failure !== undefined && !signal.aborted) throw this.#failure.error;
    return { seen: this.#seen, isComplete: this.#seen >= this.#bound || this.#isEnough };
  }

  get #bound(): number {
    return this.#options.bound + this.#doubtful;
  }

  #isSwept({ message }: SweptDelivery): boolean {
    return (message.properties as MessageProperties).headers?.[SWEPT_BY] === this.#options.name;
  }

  #receive(delivery: SweptDelivery): void {
    const { deliveryTag } = delivery.message.fields;
    // Tags count up from one on each channel: the one before died, and with it the acknowledgements on their way.
    if (deliveryTag <= this.#latestTag) {
      this.#doubtful += Math.min(this.#settledHere, SWEEP_PREFETCH);
      this.#settledHere = 0;
    }
    this.#latestTag = deliveryTag;
    this.#buffer.push(delivery);
    this.#wake();
  }

  #isOver(): boolean {
    const { signal } = this.#options;
    return this.#seen >= this.#bound || this.#failure !== undefined || signal.aborted || this.#isEnough;
  }

  async #step(): Promise<void> {
    this.#buffer = this.#buffer.filter(({ isStale }) => !isStale);
    const end = this.#buffer.findIndex((delivery) => this.#isSwept(delivery));
    // It was once around. What is under way may still come back and be delivered again, before this one.
    if (end === 0 && this.#moving === 0) {
      this.#isEnough = true;
      return;
    }
    const room = this.#bound - this.#seen - this.#moving;
    const batch = this.#buffer.slice(0, end < 0 ? room : Math.min(end, room));
    if (batch.length === 0) {
      await this.#idle();
      return;
    }
    const moves = await this.#options.decide(batch.map(({ message }) => message));
    reached('decided');
    for (const [index, move] of moves.entries()) this.#begin(batch[index], move);
    this.#isEnough = moves.length === 0;
    if (moves.length === batch.length) return;
    while (this.#moving > 0 && this.#failure === undefined) await this.#change(IDLE_MS);
  }

  #begin(delivery: SweptDelivery | undefined, move: Move): void {
    if (delivery === undefined) return;
    this.#buffer.splice(this.#buffer.indexOf(delivery), 1);
    // The channel went while it was decided about: the broker delivers the message again.
    if (delivery.isStale) {
      this.#options.onLost?.(move);
      return;
    }
    this.#moving++;
    void this.#move(delivery, move)
      .then(
        () => {
          this.#settled(delivery, move);
        },
        (error: unknown) => {
          this.#failure ??= { error };
          this.#options.onLost?.(move);
        },
      )
      .finally(() => {
        this.#moving--;
        this.#wake();
      });
  }

  async #move(delivery: SweptDelivery, move: Move): Promise<void> {
    const { publisher, queue, name, idOf } = this.#options;
    switch (move.to) {
      case 'nowhere':
        delivery.ack();
        return;
      case 'queue':
        return relocate(publisher, delivery, move.destination);
      case 'tail': {
        const { message } = delivery;
        const { headers = {} } = message.properties as MessageProperties;
        return relocate(publisher, delivery, {
          queue,
          body: message.content,
          messageId: idOf(message),
          // Never above those that it has to stand behind.
          priority: LETTER_PRIORITY,
          headers: { ...keptHeaders(headers), 'x-task-priority': priorityOf(message), [SWEPT_BY]: name },
        });
      }
    }
  }

  #settled(delivery: SweptDelivery, move: Move): void {
    if (delivery.isStale) {
      this.#options.onLost?.(move);
      return;
    }
    this.#seen++;
    this.#settledHere++;
    this.#options.onSettled?.(move);
  }

  /** Nothing to do until something arrives or is settled; when neither happens, the queue may be empty. */
  async #idle(): Promise<void> {
    const changed = await this.#change(IDLE_MS);
    if (changed || this.#moving > 0 || this.#buffer.length > 0) return;
    this.#isEnough = await this.#options.isEmpty();
  }

  /** False = nothing changed within the time. */
  #change(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs, false);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
