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
 * says. So those at the tail carry the sweep's name. Where nothing else is delivered any more it was once around, except
 * for what a dead channel held: a quorum queue takes that back some milliseconds later. So it looks again, on a new channel.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { reached } from '../observability/milestones.ts';
import { LETTER_PRIORITY, priorityOf } from '../task/dead-letter.ts';
import { keptHeaders } from '../task/message-headers.ts';
import { relocate } from './relocate.ts';
import type { Move, SweepEnd, SweepOptions, SweptDelivery } from './sweep-options.ts';

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
  #lastSettled: SweptDelivery | undefined;
  #latestTag = 0;
  #moving = 0;
  #failure: { readonly error: unknown } | undefined;
  /** Nothing is delivered but what this sweep put to the tail. */
  #isOnceAround = false;
  /** A channel died in this pass. */
  #isDisturbed = false;
  /** Nothing is left, or nothing more is wanted. */
  #isEnough = false;
  #wake: () => void = () => undefined;

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  async run(): Promise<SweepEnd> {
    const { signal } = this.#options;
    const onAbort = (): void => {
      this.#wake();
    };
    signal.addEventListener('abort', onAbort);
    for (let isRested = false; !this.#isOver();) {
      const before = this.#seen;
      await this.#pass();
      this.#isEnough ||= this.#isOnceAround && isRested && this.#seen === before && !this.#isDisturbed;
      isRested = this.#isOnceAround;
      if (isRested && !this.#isOver())
        await delay(this.#takeBackMs, undefined, { signal }).catch(() => undefined);
    }
    signal.removeEventListener('abort', onAbort);
    if (this.#failure !== undefined && !signal.aborted) throw this.#failure.error;
    return { seen: this.#seen, isComplete: this.#seen >= this.#bound || this.#isEnough };
  }

  /** Deals with messages until it is over or once around. Never rejects. */
  async #pass(): Promise<void> {
    this.#isOnceAround = false;
    this.#isDisturbed = false;
    this.#latestTag = 0;
    this.#settledHere = 0;
    const consumer = this.#options.openConsumer((delivery) => {
      this.#receive(delivery);
    });
    try {
      consumer.start();
      while (!this.#isPassOver()) await this.#step();
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      const deadline = performance.now() + LAST_SETTLES_MS;
      while (this.#moving > 0 && performance.now() < deadline) await this.#change(LAST_SETTLES_MS);
      if (this.#lastSettled?.isStale === true) this.#channelDied();
      // With the end of their channel the broker puts the unsettled back where they were. Handed back one by one, a
      // quorum queue under load bundles them and takes them out of their order.
      await consumer.abandon();
      this.#buffer = [];
    }
  }

  get #takeBackMs(): number {
    return this.#options.takeBackMs ?? IDLE_MS;
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
    if (deliveryTag <= this.#latestTag) this.#channelDied();
    this.#latestTag = deliveryTag;
    this.#buffer.push(delivery);
    this.#wake();
  }

  #channelDied(): void {
    this.#doubtful += Math.min(this.#settledHere, SWEEP_PREFETCH);
    this.#settledHere = 0;
  }

  #isOver(): boolean {
    const { signal } = this.#options;
    return this.#seen >= this.#bound || this.#failure !== undefined || signal.aborted || this.#isEnough;
  }

  #isPassOver(): boolean {
    return this.#isOnceAround || this.#isOver();
  }

  async #step(): Promise<void> {
    if (this.#buffer.some(({ isStale }) => isStale)) {
      this.#isDisturbed = true;
      this.#buffer = this.#buffer.filter(({ isStale }) => !isStale);
    }
    const others = this.#buffer.filter((delivery) => !this.#isSwept(delivery));
    // What is under way may still come back and be delivered again.
    if (others.length === 0 && this.#buffer.length > 0 && this.#moving === 0) {
      this.#isOnceAround = !(await this.#change(this.#takeBackMs));
      return;
    }
    const batch = others.slice(0, this.#bound - this.#seen - this.#moving);
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
      this.#lose(move);
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
          this.#lose(move);
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

  #lose(move: Move): void {
    this.#isDisturbed = true;
    this.#options.onLost?.(move);
  }

  #settled(delivery: SweptDelivery, move: Move): void {
    if (delivery.isStale) {
      this.#lose(move);
      return;
    }
    this.#seen++;
    this.#settledHere++;
    this.#lastSettled = delivery;
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
