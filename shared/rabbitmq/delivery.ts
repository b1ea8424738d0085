import type { ConsumeMessage } from 'amqplib';
import type { Span } from '../observability/span.ts';
import type { Acknowledger } from './acknowledger.ts';

/** One hand-over of a message by the broker. Settle it exactly once: `ack` or `handBack`; a second call does nothing. */
export class Delivery {
  readonly message: ConsumeMessage;
  readonly queue: string;
  /** performance.now() of its arrival. */
  readonly receivedAt = performance.now();
  /** From its arrival to its settlement; undefined while tracing is off, and where messages are only moved. */
  span?: Span | undefined;
  readonly #acknowledger: Acknowledger;
  readonly #onSettled: (delivery: Delivery) => void;
  #settled = false;

  constructor(
    message: ConsumeMessage,
    queue: string,
    acknowledger: Acknowledger,
    onSettled: (delivery: Delivery) => void,
  ) {
    this.message = message;
    this.queue = queue;
    this.#acknowledger = acknowledger;
    this.#onSettled = onSettled;
  }

  /** The broker has taken it back: somebody else gets the message. */
  get isStale(): boolean {
    return this.#acknowledger.isDead;
  }

  ack(): void {
    if (this.#end()) this.#acknowledger.ack(this.message.fields.deliveryTag);
  }

  /** Puts the message back where it was; it is delivered again, marked as redelivered. */
  handBack(): void {
    if (this.#end()) this.#acknowledger.handBack(this.message.fields.deliveryTag);
  }

  #end(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#onSettled(this);
    this.span?.end();
    return true;
  }
}
