/**
 * A connection that comes back. amqplib's own recovery binds its listeners only after its set-up function has ended and
 * so misses a drop in between; here they are bound in the same tick in which the connection exists.
 *
 * A process holds two: while an alarm lasts the broker blocks every connection that has ever published, its consumers
 * included.
 */
import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type ChannelModel } from 'amqplib';
import type { Log } from '../observability/log.ts';
import { farewell } from './farewell.ts';

export interface ConnectionOptions {
  readonly url: string;
  /** Shown by the management UI: `enrichment-worker@host#publish`. */
  readonly name: string;
  readonly log: Log;
  /** A dead peer is noticed after two to three of these. */
  readonly heartbeatSeconds?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const MAX_RECONNECT_DELAY_MS = 5_000;

interface ConnectionEvents {
  up: [ChannelModel];
  down: [];
  blocked: [string];
  unblocked: [];
}

export class Connection {
  readonly events = new EventEmitter<ConnectionEvents>();
  readonly #options: ConnectionOptions;
  readonly #stopped = new AbortController();
  #model: ChannelModel | undefined;
  #blocked = false;
  #lastError: Error | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.events.setMaxListeners(0);
  }

  get isOpen(): boolean {
    return this.#model !== undefined;
  }

  /** The broker takes no messages now (memory or disk alarm); what is published waits in the socket. */
  get isBlocked(): boolean {
    return this.#blocked;
  }

  /** Why the latest attempt failed: who gives up waiting can say it. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Starts connecting and returns at once; it never gives up until `close`. Await `ready` to know. */
  start(): this {
    void this.#connect();
    return this;
  }

  /** The live connection, now or as soon as there is one. Rejects when the signal aborts or the connection is closed. */
  async ready(signal?: AbortSignal): Promise<ChannelModel> {
    const either =
      signal === undefined ? this.#stopped.signal : AbortSignal.any([signal, this.#stopped.signal]);
    either.throwIfAborted();
    if (this.#model !== undefined) return this.#model;
    const [model] = (await once(this.events, 'up', { signal: either })) as [ChannelModel];
    return model;
  }

  /**
   * Idempotent. Close the channels first: amqplib drops everything that they still hold. Returns after 3 s at the
   * latest, since the farewell of a dead peer never comes.
   */
  async close(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    this.#stopped.abort(new Error(`connection ${this.#options.name} is closed`));
    const model = this.#model;
    this.#model = undefined;
    if (model === undefined) return;
    await farewell(model.close());
  }

  #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  /** Never rejects: it tries until it is connected or closed. */
  async #connect(): Promise<void> {
    const { log, name } = this.#options;
    for (let failures = 0; !this.#isStopped(); failures++) {
      try {
        const model = await this.#attempt();
        if (this.#isStopped()) {
          // Too late to be of use: an error that nobody listens to would end the process.
          model.on('error', () => undefined);
          await farewell(model.close());
          return;
        }
        this.#adopt(model);
        return;
      } catch (error) {
        this.#lastError = error as Error;
        const delayMs = Math.min(MAX_RECONNECT_DELAY_MS, 100 * 2 ** failures) * (0.5 + Math.random() / 2);
        log.warn('RabbitMQ is not reachable', {
          connection: name,
          error: (error as Error).message,
          nextTryMs: Math.round(delayMs),
        });
        await delay(delayMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
      }
    }
  }

  async #attempt(): Promise<ChannelModel> {
    const url = new URL(this.#options.url);
    // In the URL or nowhere: as a socket option it is ignored without a word, and the server's 60 s count.
    url.searchParams.set('heartbeat', String(this.#options.heartbeatSeconds ?? 15));
    return connect(url.href, {
      // Without it Nagle and delayed acks cost 44 ms per acked message.
      noDelay: true,
      timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveDelay: 30_000,
      clientProperties: { connection_name: this.#options.name },
    });
  }

  #adopt(model: ChannelModel): void {
    const { log, name } = this.#options;
    model.on('error', (error: Error) => {
      log.warn('RabbitMQ connection failed', { connection: name, error: error.message });
    });
    model.on('handler-error', (error: Error) => {
      log.error('a RabbitMQ event handler failed', { connection: name, error: error.message });
    });
    // A broker that stops sends no error, only a close: everything hangs off this event.
    model.once('close', () => {
      this.#lose(model);
    });
    model.on('blocked', (reason: string) => {
      this.#blocked = true;
      log.warn('RabbitMQ takes no messages', { connection: name, reason });
      this.events.emit('blocked', reason);
    });
    model.on('unblocked', () => {
      this.#unblock();
    });
    this.#model = model;
    log.debug('RabbitMQ connected', { connection: name });
    this.events.emit('up', model);
  }

  #lose(model: ChannelModel): void {
    if (this.#model !== model) return;
    this.#model = undefined;
    this.#unblock();
    this.events.emit('down');
    if (this.#stopped.signal.aborted) return;
    this.#options.log.warn('RabbitMQ connection lost', { connection: this.#options.name });
    void this.#connect();
  }

  #unblock(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.events.emit('unblocked');
  }
}
