/**
 * The entry of the package: what a scraper needs to hand its records over.
 *
 *   const publisher = new EnrichmentQueuePublisher({ url: 'amqp://…', log: console });
 *   await publisher.connect();
 *   await publisher.publish({ track_id: 't1', artist: 'Deadmau5', title: 'Strobe' }, { pipeline: 'tracks' });
 *   await publisher.close();
 */
import { hostname } from 'node:os';
import { SILENT } from './observability/log.ts';
import type { Log } from './observability/log.ts';
import { traceContextOf } from './observability/trace-context.ts';
import type { Pipeline } from './pipelines/pipeline.ts';
import { pipelineNamed, pipelines } from './pipelines/registry.ts';
import { PublishError } from './rabbitmq/publish-error.ts';
import { TaskPublisher } from './rabbitmq/task-publisher.ts';
import type { Outgoing } from './rabbitmq/task-publisher.ts';
import { openDedupeWindow, type DedupeWindow } from './redis/dedupe-window.ts';
import { MessageError } from './task/message-error.ts';
import { parseMessage, parseRecord } from './task/message.ts';
import type { FieldProblem, MessageFault } from './task/message-error.ts';
import type { Fields, Json, Lane, Strategy } from './task/task.ts';

export { MessageError, PublishError };
export type { FieldProblem, Json, Lane, MessageFault, Strategy };

export interface EnrichmentQueuePublisherOptions {
  /** `amqp://user:password@host:5672/vhost`. */
  readonly url: string;
  /** Shown in RabbitMQ's management UI; default `publisher@<host>`. */
  readonly name?: string;
  /** Gets `Published enrichment task` for every task, and warnings about the connection. `console` will do. */
  readonly log?: Omit<Log, 'isEnabled' | 'debug'>;
  /** Most tasks without confirm that `publishMany` keeps under way; default 500. */
  readonly window?: number;
  /** How long `connect` waits; default 10. */
  readonly connectTimeoutSeconds?: number;
  /** How long a connection may be lost before what is not confirmed is rejected; default 60. */
  readonly maxOutageSeconds?: number;
  /**
   * Does not publish what was published in the last so many seconds by anybody who uses the same Redis: equal in all
   * fields, priority and lane. Tasks of a job and those with `notBefore` are always published. Without Redis all are.
   */
  readonly dedupe?: { readonly redisUrl: string; readonly windowSeconds: number };
}

/**
 * A record: the fields of its pipeline (`track_id`, `artist`, `title` …), any field of the message's envelope, and what
 * else should be stored with the result.
 */
export type EnrichmentRecord = Readonly<Record<string, Json | undefined>>;

/** What a record does not say itself. */
export interface PublishOptions {
  /** Default `tracks`. */
  readonly pipeline?: string;
  /** 0 (whenever) to 10 (now); 4 and more go to the priority lane. Default 5. */
  readonly priority?: number;
  /** Overrides the lane that the priority tells. */
  readonly lane?: Lane;
  readonly owner?: string;
  readonly jobId?: string;
  /** Asks these providers instead of the pipeline's chain. */
  readonly providers?: readonly string[];
  readonly strategy?: Strategy;
  /** Answers fetched before this moment do not count. */
  readonly notBefore?: Date;
  /**
   * The caller's trace, as W3C Trace Context writes it: it travels in the headers of the message, and the workers' spans go
   * on in it. What is malformed is left out and refuses no task, as that specification asks.
   */
  readonly traceparent?: string;
  /** Counts beside a `traceparent` only. */
  readonly tracestate?: string;
}

export interface PublishManyOptions extends PublishOptions {
  /**
   * Called for every record that is not published: MessageError for the record's own fault, PublishError for the
   * broker's. Absent = the first one ends the publishing, and `publishMany` rejects with it.
   */
  readonly onRejected?: (error: Error, record: EnrichmentRecord) => void;
}

/**
 * Publishes records for enrichment. A promise that resolves means: the broker has the task on disk and in the queue.
 * Connections that drop come back, and what was not confirmed is sent again with the same task id; while the broker
 * blocks, publishing waits.
 */
export class EnrichmentQueuePublisher {
  readonly #tasks: TaskPublisher;
  readonly #openWindow: (() => Promise<DedupeWindow>) | undefined;
  #window: DedupeWindow | undefined;

  constructor({ dedupe, ...options }: EnrichmentQueuePublisherOptions) {
    const log = options.log === undefined ? SILENT : withLevels(options.log);
    const named = { name: `publisher@${hostname()}`, ...options, log };
    this.#openWindow =
      dedupe &&
      (() => openDedupeWindow({ ...named, ...dedupe, windowMs: Math.ceil(dedupe.windowSeconds * 1_000) }));
    this.#tasks = new TaskPublisher({
      ...named,
      ...(dedupe && {
        once: async (task, lane, send) => {
          if (this.#window !== undefined) return this.#window.once(task, lane, send);
          await send();
          return task.taskId;
        },
      }),
    });
  }

  /** Tasks that were not published, since an equal one had been within the window. */
  get duplicates(): number {
    return this.#window?.duplicates ?? 0;
  }

  /** Resolves when the broker can be used; rejects with PublishError when it cannot. */
  async connect(signal?: AbortSignal): Promise<void> {
    await this.#tasks.connect(signal);
    this.#window = await this.#openWindow?.();
  }

  /**
   * Resolves with the task's id once it is confirmed and routed, or with that of the equal one that was published within
   * the window. Rejects with MessageError or PublishError.
   */
  async publish(record: EnrichmentRecord, options: PublishOptions = {}): Promise<string> {
    const { task, route } = taskOf(record, options);
    return this.#tasks.publish(task, route);
  }

  /**
   * Publishes all records and resolves with how many were confirmed, duplicates within the window included. Takes no more
   * from the iterable than the window holds, so that a source of any length may be given. What the options say, a trace
   * for one, counts for all of them.
   */
  async publishMany(
    records: Iterable<EnrichmentRecord> | AsyncIterable<EnrichmentRecord>,
    options: PublishManyOptions = {},
  ): Promise<number> {
    let published = 0;
    let failure: Error | undefined;
    const reject = (error: Error, record: EnrichmentRecord): void => {
      if (options.onRejected === undefined) failure ??= error;
      else options.onRejected(error, record);
    };
    async function* outgoing(): AsyncGenerator<Outgoing & { record: EnrichmentRecord }> {
      for await (const record of records) {
        try {
          yield { record, ...taskOf(record, options) };
        } catch (error) {
          reject(error as Error, record);
        }
        if (failure !== undefined) return;
      }
    }
    await this.#tasks.publishMany(outgoing(), ({ record }, error) => {
      if (error === undefined) published += 1;
      else reject(error, record);
    });
    if (failure !== undefined) throw failure;
    return published;
  }

  /** Resolves when everything so far is confirmed or rejected. */
  async flush(): Promise<void> {
    await this.#tasks.flush();
  }

  /** Rejects what is still outstanding and disconnects, within seconds. Await `flush` first to lose nothing. */
  async close(): Promise<void> {
    await this.#tasks.close();
    this.#window?.close();
  }
}

/** A logger that says nothing of its levels, such as `console`, gets all but the finest. */
const withLevels = (log: Omit<Log, 'isEnabled' | 'debug'>): Log => ({
  debug: () => undefined,
  info: (message, fields) => {
    log.info(message, fields);
  },
  warn: (message, fields) => {
    log.warn(message, fields);
  },
  error: (message, fields) => {
    log.error(message, fields);
  },
  isEnabled: (level) => level !== 'debug',
});

/** Read by the same code as in the worker: what is published here is not refused there. */
function taskOf(record: EnrichmentRecord, options: PublishOptions): Outgoing {
  const pipeline = pipelineOf(record['pipeline'] ?? options.pipeline);
  const { priority, owner, jobId, providers, strategy, notBefore } = options;
  const said = {
    ...(priority !== undefined && { priority }),
    ...(owner !== undefined && { owner }),
    ...(jobId !== undefined && { job_id: jobId }),
    ...(providers !== undefined && { providers }),
    ...(strategy !== undefined && { strategy }),
    ...(notBefore !== undefined && { not_before: notBefore.getTime() }),
  };
  const shapeFor = (name?: string): Pipeline | undefined =>
    name === undefined || name === pipeline.name ? pipeline : undefined;
  const whole = { ...said, ...record };
  // Spelling a flat record out and reading it back would be a sixth of publishing it; what is nested has to be a copy.
  const task = isFlat(record)
    ? parseRecord(whole as unknown as Fields, shapeFor)
    : parseMessage(Buffer.from(JSON.stringify(whole)), shapeFor);
  const { lane, traceparent, tracestate } = options;
  const trace = traceparent === undefined ? undefined : traceContextOf({ traceparent, tracestate });
  return { task, route: { prefix: pipeline.prefix, trace, ...(lane && { lane }) } };
}

/** Whether every value would come back from JSON as it is. */
const isFlat = (record: EnrichmentRecord): boolean =>
  Object.values(record).every(
    (value) =>
      typeof value === 'string' ||
      typeof value === 'boolean' ||
      Number.isFinite(value) ||
      value === undefined ||
      value === null,
  );

function pipelineOf(name: Json | undefined): Pipeline {
  const pipeline = typeof name === 'string' ? pipelineNamed(name) : pipelines[0];
  if (pipeline !== undefined) return pipeline;
  const known = pipelines.map((one) => one.name).join(', ');
  throw new MessageError('invalid', `pipeline: expected one of ${known}, got ${JSON.stringify(name)}`);
}
