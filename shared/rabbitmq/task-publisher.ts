import { setMaxListeners } from 'node:events';
import type { Log } from '../observability/log.ts';
import type { TraceContext } from '../observability/trace-context.ts';
import { MessageError } from '../task/message-error.ts';
import { encodeTask, MAX_MESSAGE_BYTES } from '../task/message.ts';
import { laneOf } from '../task/task.ts';
import type { Lane, Task } from '../task/task.ts';
import { PublishError } from './publish-error.ts';
import { ConfirmPublisher } from './confirm-publisher.ts';
import { Connection } from './connection.ts';
import { EXCHANGE, laneQueue, MAX_PRIORITY } from './topology.ts';

const WINDOW = 500;

export interface TaskPublisherOptions {
  readonly url: string;
  /** Shown by the management UI. */
  readonly name: string;
  readonly log: Log;
  /** Most tasks without confirm: 500–1,000 use the broker fully, more only cost memory. */
  readonly window?: number;
  readonly confirmTimeoutSeconds?: number;
  /** How long `connect` waits for the broker. */
  readonly connectTimeoutSeconds?: number;
  /** How long the broker may be away before everything outstanding is rejected. A blocking broker is not away. */
  readonly maxOutageSeconds?: number;
  /** Sends a task, or knows that an equal one was published; absent = all are sent. Resolves with whose id counts. */
  readonly once?: (task: Task, lane: Lane, send: () => Promise<void>) => Promise<string>;
}

export interface Route {
  /** Of the pipeline's queues. */
  readonly prefix: string;
  /** Absent = told by the task's priority. */
  readonly lane?: Lane;
  /** Travels in the headers: whoever works on the task goes on in that trace. */
  readonly trace?: TraceContext | undefined;
}

export interface Outgoing {
  readonly task: Task;
  readonly route: Route;
}

/**
 * Puts tasks into the entry stages. Outlives drops of the connection: what was not confirmed is sent again, so a task
 * may arrive twice, with the same id. While the broker blocks (memory or disk alarm) nothing is sent and nothing times
 * out.
 */
export class TaskPublisher {
  readonly #options: TaskPublisherOptions;
  readonly #connection: Connection;
  #confirms: ConfirmPublisher | undefined;
  #outage = newOutage();
  #outageTimer: NodeJS.Timeout | undefined;
  #waiters: (() => void)[] = [];

  constructor(options: TaskPublisherOptions) {
    this.#options = options;
    const { url, name, log } = options;
    this.#connection = new Connection({ url, name, log });
  }

  get isBlocked(): boolean {
    return this.#connection.isBlocked;
  }

  /** Resolves when the broker can be used. Rejects with PublishError `timeout`, or with the signal's reason. Call it once. */
  async connect(signal?: AbortSignal): Promise<void> {
    const seconds = this.#options.connectTimeoutSeconds ?? 10;
    const timeout = AbortSignal.timeout(seconds * 1_000);
    try {
      await this.#connection
        .start()
        .ready(signal === undefined ? timeout : AbortSignal.any([signal, timeout]));
    } catch (error) {
      await this.#connection.close();
      signal?.throwIfAborted();
      const { host } = new URL(this.#options.url);
      const why = this.#connection.lastError?.message ?? `no answer within ${seconds} s`;
      throw new PublishError('timeout', `RabbitMQ at ${host} cannot be used: ${why}`, error);
    }
    this.#connection.events.on('down', () => {
      this.#beginOutage();
    });
    this.#connection.events.on('up', () => {
      this.#endOutage();
    });
    this.#confirms = new ConfirmPublisher({ ...this.#options, connection: this.#connection });
  }

  /**
   * Resolves when the task is in its queue: confirmed by the broker and not returned. Does not wait for room in the
   * window. Returns the task's id, or that of the equal one that was published before. Rejects with MessageError (too
   * large) or PublishError (unroutable, refused, closed, away for too long).
   */
  async publish(task: Task, route: Route): Promise<string> {
    const lane = route.lane ?? laneOf(task.priority);
    const { once } = this.#options;
    if (once !== undefined) return once(task, lane, () => this.#send(task, route, lane));
    await this.#send(task, route, lane);
    return task.taskId;
  }

  async #send(task: Task, { prefix, trace }: Route, lane: Lane): Promise<void> {
    if (this.#confirms === undefined) throw new PublishError('closed', 'the publisher is not connected');
    const queue = laneQueue(prefix, lane);
    await this.#confirms.publish(taskMessage(task, queue, lane, trace), this.#outage.signal);
    const { taskId, pipeline, priority } = task;
    if (this.#options.log.isEnabled('info')) {
      this.#options.log.info('Published enrichment task', { taskId, pipeline, queue, priority });
    }
  }

  /**
   * Publishes what the iterable gives and takes no more from it than the window holds. `settled` is called once for
   * each, in the order of the confirms, with the error if there was one; to stop early the iterable ends. Resolves when
   * all are settled; rejects only with what the iterable or `settled` throws, and then too all that were taken are settled.
   */
  async publishMany<T extends Outgoing>(
    items: AsyncIterable<T>,
    settled: (item: T, error?: Error) => void,
  ): Promise<void> {
    const most = this.#options.window ?? WINDOW;
    let running = 0;
    let fault: { readonly thrown: unknown } | undefined;
    try {
      for await (const item of items) {
        running++;
        const end = (error?: unknown): void => {
          running--;
          try {
            settled(item, error as Error | undefined);
          } catch (thrown) {
            fault ??= { thrown };
          }
          for (const wake of this.#waiters.splice(0)) wake();
        };
        this.publish(item.task, item.route).then(() => {
          end();
        }, end);
        // Also while an equal task is looked for: what is not sent yet fills no window of the broker. What others have
        // filled it with wakes nobody here.
        while (running >= most || (running > 0 && this.#confirms?.isFull === true)) await this.#change();
        if (fault !== undefined) break;
      }
    } finally {
      while (running > 0) await this.#change();
    }
    if (fault !== undefined) throw fault.thrown;
  }

  /** Resolves when every task so far is confirmed or rejected. */
  async flush(): Promise<void> {
    await this.#confirms?.flush();
  }

  /** Rejects what is still outstanding: flush first to lose nothing. Bounded by seconds; idempotent. */
  async close(): Promise<void> {
    // The channel first: a closing connection drops what its channels still hold.
    await this.#confirms?.close();
    await this.#connection.close();
    // Last: the connection may have dropped meanwhile, and a timer of a minute keeps the process.
    clearTimeout(this.#outageTimer);
  }

  /** Resolves when one more task is settled. */
  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #beginOutage(): void {
    const seconds = this.#options.maxOutageSeconds ?? 60;
    clearTimeout(this.#outageTimer);
    this.#outageTimer = setTimeout(() => {
      this.#outage.abort(new PublishError('timeout', `RabbitMQ has been away for ${seconds} s`));
    }, seconds * 1_000);
  }

  #endOutage(): void {
    clearTimeout(this.#outageTimer);
    if (this.#outage.signal.aborted) this.#outage = newOutage();
  }
}

function newOutage(): AbortController {
  const outage = new AbortController();
  // One listener for every outstanding task.
  setMaxListeners(0, outage.signal);
  return outage;
}

/** The message of a task for this queue of this lane. Throws MessageError when it would be too large. */
export function taskMessage(
  task: Task,
  queue: string,
  lane: Lane,
  trace?: TraceContext,
): Parameters<ConfirmPublisher['publish']>[0] {
  const body = encodeTask(task);
  if (body.length > MAX_MESSAGE_BYTES) {
    const message = `the message has ${body.length} bytes, at most ${MAX_MESSAGE_BYTES} are accepted`;
    throw new MessageError('too_large', message);
  }
  return {
    exchange: EXCHANGE,
    routingKey: queue,
    body,
    messageId: task.taskId,
    properties: {
      contentType: 'application/json',
      priority: Math.min(task.priority, MAX_PRIORITY[lane]),
      timestamp: Math.floor(Date.now() / 1_000),
      ...(trace && { headers: { ...trace } }),
    },
    cause: 'new task',
  };
}
