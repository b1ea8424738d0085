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
 * Counting alone would not do: acknowledgements get lost with their channel, even with one that is closed in order. So
 * those at the tail carry the sweep's name, and what comes again although it was dealt with is known (dealt-with.ts). A
 * quorum queue takes back what a channel held some milliseconds after that is gone: the sweep ends when it has looked
 * again after a second, on a new channel, and nothing had come back.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { reached } from '../observability/milestones.ts';
import { DealtWith } from './dealt-with.ts';
import { carryOut, isSweptBy } from './sweep-move.ts';
import type { Move, SweepEnd, SweepOptions, SweptDelivery, SweptMessage } from './sweep-options.ts';

/** Most deliveries that are held: enough to keep the broker busy, and a few MB at most. */
export const SWEEP_PREFETCH = 500;
const IDLE_MS = 1_000;
/** Where everything has been delivered before, nothing tells what came back now: it may look for ever. */
const MAX_LOOKS = 3;
/** When it ends early, what is under way is waited for this long: a broker that is away would never confirm it. */
const LAST_SETTLES_MS = 5_000;

/** Resolves when the messages are dealt with or the signal is aborted. Rejects with what `decide` or publishing threw. */
export const sweep = (options: SweepOptions): Promise<SweepEnd> => new Sweep(options).run();

class Sweep {
  readonly #options: SweepOptions;
  #buffer: SweptDelivery[] = [];
  #seen = 0;
  readonly #dealtWith = new DealtWith(SWEEP_PREFETCH);
  /** Deliveries acknowledged, with those that came again. */
  #settledCount = 0;
  #latestTag = 0;
  #moving = 0;
  #failure: { readonly error: unknown } | undefined;
  /** Nothing is delivered but what this sweep put to the tail. */
  #isOnceAround = false;
  /** A channel died in this pass. */
  #isDisturbed = false;
  /** Nothing is left, or nothing more is wanted. */
  #isEnough = false;
  /** Deliveries after which a look at what came back has seen all of it; 0 or less = seen, or this pass is no look. */
  #toLookAt = 0;
  /** Those that did not see all. */
  #looks = 0;
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
    await this.#passes();
    signal.removeEventListener('abort', onAbort);
    if (this.#failure !== undefined && !signal.aborted) throw this.#failure.error;
    return { seen: this.#seen, isComplete: this.#isSated };
  }

  /** Passes until one after a rest finds nothing. */
  async #passes(): Promise<void> {
    const { signal, bound } = this.#options;
    for (let isRested = false; bound > 0 && !this.#isStopped;) {
      const before = this.#settledCount;
      await this.#pass();
      const hasChanged = this.#settledCount > before || this.#isDisturbed;
      // What was never acknowledged needs no second look.
      const isAll = isRested || (this.#isSated && this.#settledCount === 0);
      const isThrough = this.#isSated || this.#isOnceAround;
      if (isThrough && isAll && !hasChanged) {
        this.#isEnough = true;
        return;
      }
      isRested = isThrough;
      if (isRested) await delay(this.#takeBackMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Deals with messages until it is sated or once around; a sated sweep looks at what has come back. Never rejects. */
  async #pass(): Promise<void> {
    this.#isOnceAround = false;
    this.#isDisturbed = false;
    this.#latestTag = 0;
    const consumer = this.#options.openConsumer((delivery) => {
      this.#receive(delivery);
    });
    try {
      this.#toLookAt = this.#isSated ? Math.min(await this.#options.ready(), SWEEP_PREFETCH) : 0;
      if (!this.#isPassOver) consumer.start();
      while (!this.#isPassOver) await this.#step();
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      const deadline = performance.now() + LAST_SETTLES_MS;
      while (this.#moving > 0 && performance.now() < deadline) await this.#change(LAST_SETTLES_MS);
      // With the end of their channel the broker puts the unsettled back where they were. Handed back one by one, a
      // quorum queue under load bundles them and takes them out of their order.
      await consumer.abandon();
      this.#dealtWith.channelEnded();
      this.#buffer = [];
    }
  }

  get #takeBackMs(): number {
    return this.#options.takeBackMs ?? IDLE_MS;
  }

  get #isSated(): boolean {
    return this.#seen >= this.#options.bound || this.#isEnough;
  }

  get #isStopped(): boolean {
    return this.#failure !== undefined || this.#options.signal.aborted;
  }

  get #isPassOver(): boolean {
    return this.#isStopped || this.#isOnceAround || (this.#isSated && this.#toLookAt <= 0);
  }

  #receive(delivery: SweptDelivery): void {
    const { message } = delivery;
    const { deliveryTag } = message.fields;
    // Tags count up from one on each channel: the one before died, and with it the acknowledgements on their way.
    if (deliveryTag <= this.#latestTag) this.#dealtWith.channelEnded();
    this.#latestTag = deliveryTag;
    // What came back is before whatever is delivered for the first time.
    this.#toLookAt = message.fields.redelivered ? this.#toLookAt - 1 : 0;
    // What it put to the tail says the same as what it took from the head.
    if (!isSweptBy(this.#options.name, message) && this.#dealtWith.recognizes(message)) {
      delivery.ack();
      this.#remember(message);
    } else this.#buffer.push(delivery);
    this.#wake();
  }

  #remember(message: SweptMessage): void {
    this.#settledCount++;
    this.#dealtWith.add(message);
  }

  async #step(): Promise<void> {
    if (this.#buffer.some(({ isStale }) => isStale)) {
      this.#isDisturbed = true;
      this.#buffer = this.#buffer.filter(({ isStale }) => !isStale);
    }
    if (this.#isSated) {
      if (await this.#change(this.#takeBackMs)) return;
      // More has come back than it may hold; a quorum queue shows the others when it has given these back.
      this.#isDisturbed ||= this.#looks++ < MAX_LOOKS;
      this.#toLookAt = 0;
      return;
    }
    const others = this.#buffer.filter(({ message }) => !isSweptBy(this.#options.name, message));
    // What is under way may still come back and be delivered again.
    if (others.length === 0 && this.#buffer.length > 0 && this.#moving === 0) {
      this.#isOnceAround = !(await this.#change(this.#takeBackMs));
      return;
    }
    const batch = others.slice(0, this.#options.bound - this.#seen - this.#moving);
    if (batch.length === 0) {
      this.#isEnough = await this.#isIdleAtEmpty();
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
    void carryOut(this.#options, delivery, move)
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
    this.#remember(delivery.message);
    this.#options.onSettled?.(move);
  }

  /** Nothing to do until something arrives or is settled; when neither happens, the queue may be empty. */
  async #isIdleAtEmpty(): Promise<boolean> {
    const changed = await this.#change(IDLE_MS);
    if (changed || this.#moving > 0 || this.#buffer.length > 0) return false;
    return (await this.#options.ready()) === 0;
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
