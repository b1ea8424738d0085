/**
 * The only place that publishes. A message counts as published when the broker has confirmed it and has not returned it:
 * a confirm alone is no proof that it reached a queue.
 *
 * Guarantees: persistent and mandatory, always; at most `window` messages in flight; while the broker blocks nothing is
 * sent and no confirm timer runs; a message whose confirm got lost with its channel is published again on the next one
 * (so it may arrive twice, never not at all). Messages are sent in the order of the calls, but for such repetitions.
 */
import { type ConfirmChannel, IllegalOperationError, type Message } from 'amqplib';
import type { Log } from '../observability/log.ts';
import { offAbort, onAbort } from './abort-listeners.ts';
import type { Connection } from './connection.ts';
import { inSendSpan } from './message-spans.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import { PublishError } from './publish-error.ts';
import { confirmChannel, SupervisedChannel } from './supervised-channel.ts';

interface Pending {
  readonly message: OutgoingMessage;
  readonly settle: (error?: PublishError) => void;
  /** Seconds on the unblocked clock when it was sent. */
  sentAt: number;
  returned: boolean;
}

export interface ConfirmPublisherOptions {
  readonly connection: Connection;
  readonly log: Log;
  /** Most messages without confirm: 500–1,000 use the broker fully, more only cost memory. */
  readonly window?: number;
  readonly confirmTimeoutSeconds?: number;
  /** Counts every outcome; for metrics. */
  readonly onOutcome?: (queue: string, outcome: 'confirmed' | 'returned' | 'nacked' | 'timeout') => void;
}

export class ConfirmPublisher {
  readonly #options: ConfirmPublisherOptions;
  readonly #channel: SupervisedChannel<ConfirmChannel>;
  readonly #window: number;
  readonly #waiting: Pending[] = [];
  readonly #sent = new Set<Pending>();
  readonly #idle: (() => void)[] = [];
  readonly #clock: NodeJS.Timeout;
  readonly #confirmTimeout: number;
  #patience: number;
  #seconds = 0;
  #writable = true;
  #closed = false;

  constructor(options: ConfirmPublisherOptions) {
    this.#options = options;
    this.#window = options.window ?? 500;
    this.#confirmTimeout = options.confirmTimeoutSeconds ?? 15;
    this.#patience = this.#confirmTimeout;
    this.#channel = new SupervisedChannel({
      connection: options.connection,
      name: 'publish',
      log: options.log,
      create: confirmChannel,
      setUp: async (channel) => {
        this.#writable = true;
        channel.on('return', (message: Message) => {
          this.#markReturned(message);
        });
        channel.on('drain', () => {
          this.#writable = true;
          this.#pump();
        });
        // The channel counts as open only after this function.
        setImmediate(() => {
          this.#pump();
        });
      },
      onGone: () => {
        this.#sendAgain();
      },
    });
    options.connection.events.on('unblocked', () => {
      this.#pump();
    });
    this.#clock = setInterval(() => {
      this.#tick();
    }, 1_000);
    this.#clock.unref();
    this.#channel.start();
  }

  /** Messages that are not confirmed yet. */
  get outstanding(): number {
    return this.#waiting.length + this.#sent.size;
  }

  /** True when one more message would have to wait for a confirm. */
  get isFull(): boolean {
    return this.outstanding >= this.#window;
  }

  /** Resolves when the message is confirmed and routed. Rejects with PublishError, or with the signal's reason. */
  publish(message: OutgoingMessage, signal?: AbortSignal): Promise<void> {
    return inSendSpan(message, (traced) => this.#publish(traced, signal));
  }

  #publish(message: OutgoingMessage, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new PublishError('closed', 'the publisher is closed'));
        return;
      }
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const pending: Pending = {
        message,
        sentAt: 0,
        returned: false,
        settle: (error) => {
          if (signal !== undefined) offAbort(signal, abandon);
          this.#forget(pending);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      const abandon = (): void => {
        this.#forget(pending);
        reject(signal?.reason as Error);
        // It may have been what filled the window: its confirm will find nobody who moves the next one up.
        this.#pump();
      };
      if (signal !== undefined) onAbort(signal, abandon);
      this.#waiting.push(pending);
      this.#pump();
    });
  }

  /** Resolves when nothing is outstanding. */
  async flush(): Promise<void> {
    while (this.outstanding > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Rejects what is still outstanding and closes the channel. Flush first to lose nothing. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#clock);
    const error = new PublishError('closed', 'closed before the broker confirmed the message');
    for (const pending of [...this.#sent, ...this.#waiting]) pending.settle(error);
    await this.#channel.close();
  }

  #pump(): void {
    while (this.#waiting.length > 0 && this.#sent.size < this.#window && this.#writable) {
      const channel = this.#channel.channel;
      if (channel === undefined || this.#options.connection.isBlocked) return;
      const pending = this.#waiting.shift();
      if (pending !== undefined) this.#send(channel, pending);
    }
  }

  #send(channel: ConfirmChannel, pending: Pending): void {
    const { exchange, routingKey, body, messageId, properties } = pending.message;
    pending.sentAt = this.#seconds;
    pending.returned = false;
    this.#sent.add(pending);
    const options = { ...properties, messageId, persistent: true, mandatory: true };
    try {
      this.#writable = channel.publish(exchange, routingKey, body, options, (error: Error | null) => {
        this.#confirmed(pending, error);
      });
    } catch (error) {
      this.#cannotSend(pending, error as Error);
    }
  }

  #cannotSend({ message: { messageId }, settle }: Pending, error: Error): void {
    // A channel that died this instant: its `close` event is on the way and sends everything again.
    if (error instanceof IllegalOperationError) return;
    // What AMQP has no room for (an id beyond 255 bytes, headers beyond 64 KiB) no other channel would take either.
    settle(new PublishError('refused', `message ${messageId} cannot be sent: ${error.message}`, error));
  }

  #confirmed(pending: Pending, error: Error | null): void {
    if (!this.#sent.has(pending)) return;
    // Not a refusal: the channel is gone, and `onGone` sends the message again.
    if (error !== null && error.message !== 'message nacked') return;
    const { routingKey, messageId } = pending.message;
    const outcome = error ? 'nacked' : pending.returned ? 'returned' : 'confirmed';
    this.#options.onOutcome?.(routingKey, outcome);
    if (this.#seconds - pending.sentAt < this.#confirmTimeout) this.#patience = this.#confirmTimeout;
    pending.settle(outcome === 'confirmed' ? undefined : refusalOf(outcome, routingKey, messageId));
    this.#pump();
  }

  /** The broker sends a return before the confirm of the same message. */
  #markReturned(message: Message): void {
    const { messageId } = message.properties as { messageId?: string };
    const { routingKey, exchange } = message.fields;
    for (const pending of this.#sent) {
      const own = pending.message;
      if (own.messageId === messageId && own.routingKey === routingKey && own.exchange === exchange)
        pending.returned = true;
    }
  }

  #sendAgain(): void {
    if (this.#sent.size === 0) return;
    this.#waiting.unshift(...this.#sent);
    this.#sent.clear();
  }

  /** The clock of the confirm timers: it stands still while the broker blocks. */
  #tick(): void {
    if (this.#options.connection.isBlocked || this.#channel.channel === undefined) return;
    this.#seconds++;
    const [oldest] = this.#sent;
    if (oldest === undefined || this.#seconds - oldest.sentAt < this.#patience) return;
    // A broker that is only slow would be sent everything again and again, and would never be in time.
    this.#patience *= 2;
    this.#options.onOutcome?.(oldest.message.routingKey, 'timeout');
    this.#options.log.warn('RabbitMQ does not confirm, opening another channel', {
      outstanding: this.#sent.size,
    });
    this.#channel.recycle();
  }

  #forget(pending: Pending): void {
    if (!this.#sent.delete(pending)) {
      const at = this.#waiting.indexOf(pending);
      if (at >= 0) this.#waiting.splice(at, 1);
    }
    if (this.outstanding === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}

const refusalOf = (outcome: 'nacked' | 'returned', queue: string, id: string): PublishError =>
  outcome === 'nacked'
    ? new PublishError('refused', `queue '${queue}' refused message ${id}: it is full`)
    : new PublishError('unroutable', `no queue for '${queue}': message ${id} was returned; run queue-init`);
