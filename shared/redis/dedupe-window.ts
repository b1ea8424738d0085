/**
 * What was published lately, so that the same task is not published again within a window. It spares messages and never
 * carries correctness: a task is noted once the broker has confirmed it, so a publisher that dies in between has lost
 * nothing, and without Redis everything is published.
 */
import { hash } from 'node:crypto';
import type { Log } from '../observability/log.ts';
import { canonical, dedupeKey } from './keys.ts';
import { openRedis, redisReady, type Redis } from './redis-client.ts';
import type { Lane, Task } from '../task/task.ts';

export interface DedupeWindow {
  /** Tasks that were not published, since an equal one had been. */
  readonly duplicates: number;
  /**
   * Publishes the task by `send`, or not. Resolves with the id of the task that stands for it: its own, or that of the
   * equal one. Rejects with what `send` rejects with. Tasks of a job, and those that no earlier answer satisfies, are
   * always published: somebody counts them, or wants them anew.
   */
  once(task: Task, lane: Lane, send: () => Promise<void>): Promise<string>;
  close(): void;
}

export interface DedupeOptions {
  readonly redisUrl: string;
  readonly windowMs: number;
  /** Names the connection. */
  readonly name: string;
  readonly log: Log;
  readonly prefix?: string;
}

const CONNECT_MS = 2_000;
/** Hundreds of tasks are looked for at a time, by a process that is busy reading rows: nobody waits but the publisher. */
const COMMAND_TIMEOUT_MS = 5_000;

/** Resolves also when Redis is away: it is used as soon as it is there. */
export async function openDedupeWindow(options: DedupeOptions): Promise<DedupeWindow> {
  const { redisUrl: url, name, log } = options;
  const redis = openRedis({ url, name, log, commandTimeoutMs: COMMAND_TIMEOUT_MS });
  await redisReady(redis, CONNECT_MS);
  return new OpenWindow(redis, options);
}

class OpenWindow implements DedupeWindow {
  readonly #redis: Redis;
  readonly #options: DedupeOptions;
  /** By key: equal ones of this process wait for the first one's confirm. */
  readonly #underWay = new Map<string, Promise<string>>();
  duplicates = 0;

  constructor(redis: Redis, options: DedupeOptions) {
    this.#redis = redis;
    this.#options = options;
  }

  async once(task: Task, lane: Lane, send: () => Promise<void>): Promise<string> {
    if (task.jobId !== undefined || task.notBefore !== undefined) {
      await send();
      return task.taskId;
    }
    const key = dedupeKey(fingerprintOf(task, lane), this.#options.prefix);
    for (let first = this.#underWay.get(key); first !== undefined; first = this.#underWay.get(key)) {
      // His failure is his own: then this one is the first.
      const id = await first.catch(() => undefined);
      if (id !== undefined) return this.#duplicateOf(id);
    }
    const publishing = this.#publish(key, task, send).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, publishing);
    return publishing;
  }

  close(): void {
    this.#redis.disconnect();
  }

  async #publish(key: string, { taskId }: Task, send: () => Promise<void>): Promise<string> {
    const earlier = await this.#redis.get(key).catch(() => null);
    if (earlier !== null) return this.#duplicateOf(earlier);
    await send();
    await this.#redis.set(key, taskId, 'PX', this.#options.windowMs).catch(() => null);
    return taskId;
  }

  #duplicateOf(id: string): string {
    this.duplicates += 1;
    return id;
  }
}

/** Everything that makes a difference to what is done; an urgent task is not the same as one that may wait. */
function fingerprintOf(
  { pipeline, owner, priority, entity, extra, providers, strategy }: Task,
  lane: Lane,
): string {
  return hash('sha1', canonical({ pipeline, owner, priority, entity, extra, providers, strategy, lane }));
}
