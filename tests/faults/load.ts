/** Publishes at a steady rate while it runs, and keeps the ledger of what the broker confirmed. */
import { setTimeout as wait } from 'node:timers/promises';
import { SILENT } from '../../shared/observability/log.ts';
import { TaskPublisher } from '../../shared/rabbitmq/task-publisher.ts';
import type { WorkItem } from './workload.ts';

export interface LoadOptions {
  readonly url: string;
  readonly perSecond: number;
  readonly next: () => WorkItem;
}

const STEP_MS = 10;
/** A blocked broker is no reason for a flood afterwards. */
const MOST_BEHIND_MS = 500;
const WINDOW = 500;

export class Load {
  readonly #options: LoadOptions;
  readonly #publisher: TaskPublisher;
  readonly #published = new Set<string>();
  readonly #confirmed = new Map<string, number>();
  readonly #refused: string[] = [];
  #isRunning = false;
  #running: Promise<void> = Promise.resolve();

  private constructor(options: LoadOptions) {
    this.#options = options;
    this.#publisher = new TaskPublisher({
      url: options.url,
      name: 'fault-load',
      log: SILENT,
      window: WINDOW,
      maxOutageSeconds: 120,
    });
  }

  static async open(options: LoadOptions): Promise<Load> {
    const load = new Load(options);
    await load.#publisher.connect();
    return load;
  }

  /** Task id → performance.now() of its confirm. */
  get confirmed(): ReadonlyMap<string, number> {
    return this.#confirmed;
  }

  /** Every task that was handed to the publisher, confirmed or not. */
  get published(): ReadonlySet<string> {
    return this.#published;
  }

  /** Errors of tasks that were not confirmed. */
  get refused(): readonly string[] {
    return this.#refused;
  }

  get isBlocked(): boolean {
    return this.#publisher.isBlocked;
  }

  start(): void {
    this.#isRunning = true;
    this.#running = this.publish(this.#paced());
  }

  /** Puts these out at once and resolves when all are settled; they are in the ledger as all others. */
  async publish(items: Iterable<WorkItem> | AsyncIterable<WorkItem>): Promise<void> {
    await this.#publisher.publishMany(this.#noted(items), ({ task }, error) => {
      if (error === undefined) this.#confirmed.set(task.taskId, performance.now());
      else this.#refused.push(`${task.taskId}: ${error.message}`);
    });
  }

  /** Enters tasks that reached the broker by another way and are confirmed. */
  noteConfirmed(items: readonly WorkItem[]): void {
    for (const { task } of items) {
      this.#published.add(task.taskId);
      this.#confirmed.set(task.taskId, performance.now());
    }
  }

  /** Resolves when everything that was published is confirmed or refused. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#running;
  }

  async close(): Promise<void> {
    this.#isRunning = false;
    await this.#publisher.close();
    await this.#running;
  }

  async *#noted(items: Iterable<WorkItem> | AsyncIterable<WorkItem>): AsyncGenerator<WorkItem> {
    for await (const item of items) {
      this.#published.add(item.task.taskId);
      yield item;
    }
  }

  async *#paced(): AsyncGenerator<WorkItem> {
    const { perSecond, next } = this.#options;
    let due = performance.now();
    while (this.#isRunning) {
      due = Math.max(due, performance.now() - MOST_BEHIND_MS);
      for (; due <= performance.now(); due += 1_000 / perSecond) yield next();
      await wait(STEP_MS);
    }
  }
}
