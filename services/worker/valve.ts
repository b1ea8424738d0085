import type { QueueConsumer } from '../../shared/rabbitmq/queue-consumer.ts';

/**
 * Why a stage takes no deliveries: the gate of its provider is closed for long, an operator paused its lane, or what is
 * finished cannot be written.
 */
export type ShutBy = 'gate' | 'lane' | 'database';

/** Lets a stage consume while nothing speaks against it. One thing that does is enough to hold it. */
export class Valve {
  readonly #consumer: Pick<QueueConsumer, 'pause' | 'resume'>;
  readonly #stopping: AbortSignal;
  readonly #shutBy = new Set<ShutBy>();

  constructor(consumer: Pick<QueueConsumer, 'pause' | 'resume'>, stopping: AbortSignal) {
    this.#consumer = consumer;
    this.#stopping = stopping;
  }

  isShutBy(cause: ShutBy): boolean {
    return this.#shutBy.has(cause);
  }

  /** The messages wait in the broker. Idempotent. */
  shut(cause: ShutBy): void {
    this.#shutBy.add(cause);
    this.#turn();
  }

  /** Idempotent. A stage that is being stopped stays shut. */
  open(cause: ShutBy): void {
    if (this.#shutBy.delete(cause)) this.#turn();
  }

  #turn(): void {
    if (this.#shutBy.size > 0) void this.#consumer.pause();
    else if (!this.#stopping.aborted) void this.#consumer.resume();
  }
}
