/**
 * A channel that is there whenever its connection is: opened again after the connection came back, and after the
 * broker closed the channel alone (an argument it refuses, a queue that is gone, an acknowledgement it does not know).
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Channel, ChannelModel, ConfirmChannel } from 'amqplib';
import type { Log } from '../observability/log.ts';
import type { Connection } from './connection.ts';
import { farewell } from './farewell.ts';

export interface SupervisedChannelOptions<C extends Channel> {
  readonly connection: Connection;
  readonly name: string;
  readonly log: Log;
  readonly create: (model: ChannelModel) => Promise<C>;
  /** Runs on every new channel before it counts as open: prefetch, listeners, consume. A throw closes it and tries again. */
  readonly setUp: (channel: C) => Promise<void>;
  /** Runs once for every channel that is gone, also for one that was never set up. */
  readonly onGone?: (channel: C) => void;
}

export const plainChannel = (model: ChannelModel): Promise<Channel> => model.createChannel();
/** The buffer is bounded by the publisher's window, not by the number of frames. */
export const confirmChannel = (model: ChannelModel): Promise<ConfirmChannel> => model.createConfirmChannel();

const MAX_REOPEN_DELAY_MS = 5_000;

export class SupervisedChannel<C extends Channel> {
  readonly #options: SupervisedChannelOptions<C>;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #opened: C | undefined;
  #channel: C | undefined;

  constructor(options: SupervisedChannelOptions<C>) {
    this.#options = options;
  }

  /** The channel that is open and set up; undefined while there is none. */
  get channel(): C | undefined {
    return this.#channel;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Closes this one channel: the supervision opens another. */
  recycle(): void {
    void this.#opened?.close().catch(() => undefined);
  }

  /** Sends what the channel still holds and closes it for good; returns after 3 s at the latest. Idempotent. */
  async close(): Promise<void> {
    this.#stopped.abort();
    await farewell(this.#opened?.close());
    await farewell(this.#running);
  }

  #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    let failures = 0;
    while (!this.#isStopped()) {
      const openedAt = performance.now();
      try {
        await this.#serve();
      } catch (error) {
        if (this.#isStopped()) return;
        this.#options.log.warn('RabbitMQ channel cannot be used', {
          channel: this.#options.name,
          error: (error as Error).message,
        });
      }
      failures = performance.now() - openedAt > MAX_REOPEN_DELAY_MS ? 0 : failures + 1;
      const delayMs = Math.min(MAX_REOPEN_DELAY_MS, 50 * 2 ** failures);
      await delay(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** The life of one channel, from opening to its end. */
  async #serve(): Promise<void> {
    const { connection, create, setUp, onGone, log, name } = this.#options;
    const model = await connection.ready(this.#stopped.signal);
    const channel = await create(model);
    const gone = new Promise<void>((resolve) => channel.once('close', resolve));
    channel.on('error', (error: Error) => {
      log.warn('RabbitMQ channel closed by the broker', { channel: name, error: error.message });
    });
    channel.on('handler-error', (error: Error) => {
      log.error('a RabbitMQ message handler failed', { channel: name, error: error.message });
    });
    try {
      this.#opened = channel;
      // `close` came while the broker was opening it, and did not know of it.
      if (this.#isStopped()) throw new Error('closed while it was opened');
      await Promise.race([
        setUp(channel),
        gone.then(() => Promise.reject(new Error('closed while it was set up'))),
      ]);
      this.#channel = channel;
      await gone;
    } catch (error) {
      await farewell(channel.close());
      throw error;
    } finally {
      this.#opened = undefined;
      this.#channel = undefined;
      onGone?.(channel);
    }
  }
}
