/**
 * Consumes one queue for as long as the process wants it, whatever happens to the channel: opened again when it dies,
 * subscribed again when the broker cancels it (queue deleted, delivery timeout). Deliveries of a channel that is gone
 * come back from the broker; settling the old ones does nothing. A channel that has brought nothing for a minute is
 * opened anew: a quorum queue that is deleted and declared again at once keeps its consumers waiting for ever (seen on
 * RabbitMQ 3.10: neither a cancellation nor a delivery), which looks the same as a queue that has nothing.
 */
import type { Channel } from 'amqplib';
import type { Log } from '../observability/log.ts';
import { Acknowledger } from './acknowledger.ts';
import type { Connection } from './connection.ts';
import { Delivery } from './delivery.ts';
import { farewell } from './farewell.ts';
import { publishedAt } from './message-age.ts';
import { processSpan } from './message-spans.ts';
import { plainChannel, SupervisedChannel } from './supervised-channel.ts';

export interface QueueConsumerOptions {
  readonly connection: Connection;
  readonly queue: string;
  /** Unsettled deliveries that the broker hands over at most. */
  readonly prefetch: number;
  readonly log: Log;
  /** Called for every delivery, in the frame loop: must not throw and must not block. */
  readonly onDelivery: (delivery: Delivery) => void;
  readonly onCancelled?: (queue: string) => void;
  /** How long a channel may bring nothing. Default a minute. */
  readonly silenceMs?: number;
  /** Each delivery gets a span, while tracing is on. */
  readonly isTraced?: boolean;
}

const SILENCE_MS = 60_000;
/** Consumers that began together are not opened anew together: something is always ready to take a message. */
const SPREAD = 0.25;

export class QueueConsumer {
  readonly queue: string;
  readonly #options: QueueConsumerOptions;
  readonly #supervised: SupervisedChannel<Channel>;
  readonly #acknowledgers = new Map<Channel, Acknowledger>();
  #tag: string | undefined;
  #silence: NodeJS.Timeout | undefined;
  #paused = false;
  #aligning: Promise<void> = Promise.resolve();
  /** In the order of their arrival. */
  readonly #held = new Set<Delivery>();
  #settledAt = performance.now();
  #settledCount = 0;
  #onEmpty: (() => void)[] = [];

  constructor(options: QueueConsumerOptions) {
    this.#options = options;
    this.queue = options.queue;
    this.#supervised = new SupervisedChannel({
      connection: options.connection,
      name: options.queue,
      log: options.log,
      create: plainChannel,
      setUp: (channel) => this.#setUp(channel),
      onGone: (channel) => {
        this.#acknowledgers.get(channel)?.end();
        this.#acknowledgers.delete(channel);
        this.#tag = undefined;
        clearTimeout(this.#silence);
        // The broker has taken them back, whatever becomes of them here.
        this.#held.clear();
        this.#tellIfEmpty();
      },
    });
  }

  /** Deliveries that are not settled; those of a channel that is gone do not count. */
  get held(): number {
    return this.#held.size;
  }

  /** For how long the oldest of them has been held, in milliseconds; 0 when there is none. */
  get oldestHeldMs(): number {
    for (const { receivedAt } of this.#held) return performance.now() - receivedAt;
    return 0;
  }

  /** When the oldest of them was published, epoch milliseconds; undefined when none of them says so. */
  get oldestPublishedAt(): number | undefined {
    let oldest: number | undefined;
    for (const { message } of this.#held) {
      const at = publishedAt(message);
      if (at !== undefined && at < (oldest ?? Infinity)) oldest = at;
    }
    return oldest;
  }

  /** Milliseconds since a delivery was settled last. */
  get sinceSettledMs(): number {
    return performance.now() - this.#settledAt;
  }

  /** Deliveries settled since the start. */
  get settledCount(): number {
    return this.#settledCount;
  }

  get isConsuming(): boolean {
    return this.#tag !== undefined;
  }

  start(): this {
    this.#supervised.start();
    return this;
  }

  /** Takes no more deliveries; those at hand stay. The messages wait in the broker. Idempotent; never rejects. */
  async pause(): Promise<void> {
    this.#paused = true;
    await this.#align();
  }

  /** Idempotent; never rejects. */
  async resume(): Promise<void> {
    this.#paused = false;
    await this.#align();
  }

  /** Resolves when every delivery at hand is settled. */
  async drained(): Promise<void> {
    while (this.#held.size > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
  }

  /** Sends the last acknowledgements and closes the channel; the broker takes back what is unsettled. Idempotent. */
  async close(): Promise<void> {
    await this.pause();
    await this.abandon();
  }

  /**
   * Like `close`, without cancelling first: the broker takes everything unsettled back at once and in order, while a
   * quorum queue puts a message that crosses a cancellation before all others. Deliveries may come until it resolves.
   */
  async abandon(): Promise<void> {
    for (const acknowledger of this.#acknowledgers.values()) acknowledger.flush();
    await this.#supervised.close();
  }

  async #setUp(channel: Channel): Promise<void> {
    this.#acknowledgers.set(channel, new Acknowledger(channel));
    await channel.prefetch(this.#options.prefetch);
    // Passive: a missing queue is the business of queue-init; this channel dies and tries again.
    await channel.checkQueue(this.queue);
    if (!this.#paused) await this.#consume(channel);
    const silenceMs = this.#options.silenceMs ?? SILENCE_MS;
    this.#silence = setTimeout(
      () => {
        if (this.#held.size === 0) this.#supervised.recycle();
        else this.#silence?.refresh();
      },
      silenceMs * (1 + SPREAD * (2 * Math.random() - 1)),
    ).unref();
    // The channel counts as open only after this function; what was asked for meanwhile is done then.
    setImmediate(() => void this.#align());
  }

  /**
   * Consumes or does not, as was asked for last. One change at a time: a cancel that overtook its consume would leave a
   * consumer that nobody knows of. Never rejects.
   */
  #align(): Promise<void> {
    // A channel that refuses is on its way out, and the next one begins with what is asked for by then.
    this.#aligning = this.#aligning.then(() => this.#alignNow()).catch(() => undefined);
    return this.#aligning;
  }

  async #alignNow(): Promise<void> {
    const channel = this.#supervised.channel;
    const tag = this.#tag;
    if (channel === undefined) return;
    if (this.#paused && tag !== undefined) {
      this.#tag = undefined;
      await farewell(channel.cancel(tag));
    } else if (!this.#paused && tag === undefined) {
      await this.#consume(channel);
    }
  }

  async #consume(channel: Channel): Promise<void> {
    const acknowledger = this.#acknowledgers.get(channel);
    if (acknowledger === undefined) return;
    const { consumerTag } = await channel.consume(this.queue, (message) => {
      if (message === null) {
        this.#cancelled(channel);
        return;
      }
      const delivery = new Delivery(message, this.queue, acknowledger, this.#settled);
      if (this.#options.isTraced === true) delivery.span = processSpan(message, this.queue);
      this.#held.add(delivery);
      this.#silence?.refresh();
      this.#options.onDelivery(delivery);
    });
    this.#tag = consumerTag;
  }

  readonly #settled = (delivery: Delivery): void => {
    this.#held.delete(delivery);
    this.#settledAt = performance.now();
    this.#settledCount += 1;
    this.#tellIfEmpty();
  };

  #tellIfEmpty(): void {
    if (this.#held.size === 0) for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  #cancelled(channel: Channel): void {
    this.#options.log.warn('the broker cancelled the consumer, subscribing again', { queue: this.queue });
    this.#options.onCancelled?.(this.queue);
    // A new channel is the one way that is right for every cause: it subscribes again as soon as the queue is there.
    void channel.close().catch(() => undefined);
  }
}
