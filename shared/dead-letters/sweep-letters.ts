/** A sweep over the dead letters of one pipeline: alone on its queue, as messages read, and continuable. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  leaveSweepLease,
  LEASE_SECONDS,
  renewSweepLease,
  takeSweepLease,
  type Unfinished,
} from '../postgres/sweep-lease.ts';
import type { Pipeline } from '../pipelines/pipeline.ts';
import { messagesIn } from '../rabbitmq/declare.ts';
import { QueueConsumer } from '../rabbitmq/queue-consumer.ts';
import { sweep, SWEEP_PREFETCH } from '../rabbitmq/sweep.ts';
import type { Move, SweptMessage } from '../rabbitmq/sweep-options.ts';
import { deadLetterQueue } from '../rabbitmq/topology.ts';
import { type DeadLetter, idOfLetter, readLetter } from '../task/dead-letter.ts';
import type { Fields } from '../task/fields.ts';
import type { Desk } from './desk.ts';

export interface LetterSweep {
  readonly pipeline: Pipeline;
  /** What it is for: the same request goes on where an unfinished one stopped. */
  readonly request: Fields;
  /** As `SweepOptions.decide`, with the letters instead of messages. */
  readonly decide: (letters: readonly DeadLetter[], sweep: SweepFacts) => Promise<readonly Move[]>;
  readonly onSettled?: (move: Move) => void;
  readonly onLost?: (move: Move) => void;
  readonly onProgress?: (progress: SweepProgress) => void;
  /** Most letters held; fewer when each one has to wait. */
  readonly prefetch?: number;
  readonly signal: AbortSignal;
}

export interface SweepFacts {
  /** True = an earlier sweep left the queue rotated: only a complete one puts it in order again. */
  readonly isContinued: boolean;
}

export interface SweepProgress {
  readonly seen: number;
  readonly bound: number;
}

export interface LetterSweepEnd extends SweepProgress {
  /** False = it was told to stop: the same request goes on there. */
  readonly isComplete: boolean;
}

/** Thrown when somebody else sweeps the queue, or took it over since this sweep did not renew its lease. */
export class SweepBusy extends Error {
  override readonly name = 'SweepBusy';
}

const HAND_BACK_MS = 5_000;
const HAND_BACK_POLL_MS = 20;
const RENEW_MS = (LEASE_SECONDS * 1_000) / 3;

/** Rejects with SweepBusy, or with what `decide`, the broker or the database threw. */
export async function sweepLetters(desk: Desk, options: LetterSweep): Promise<LetterSweepEnd> {
  const queue = deadLetterQueue(options.pipeline.prefix);
  const lease = await takeSweepLease(desk.pool, { queue, holder: desk.holder, request: options.request });
  if (!lease.granted)
    throw new SweepBusy(`'${queue}' is being swept by ${lease.holder}: wait until that has ended`);
  const { unfinished, name } = lease;
  const depth = await readyIn(desk, queue, options.signal);
  const left = unfinished === undefined ? depth : leftOf(unfinished);
  const progress = new LeasedProgress(desk, queue, left);
  try {
    await progress.start();
    const { isComplete } = await run(desk, options, progress, {
      name,
      isContinued: unfinished !== undefined,
    });
    progress.isComplete = isComplete;
    await handedBack(desk, queue, depth - progress.removed);
    return { seen: progress.seen, bound: left, isComplete };
  } finally {
    await progress.end();
  }
}

function run(
  desk: Desk,
  options: LetterSweep,
  progress: LeasedProgress,
  { name, isContinued }: SweepFacts & { readonly name: string },
): ReturnType<typeof sweep> {
  const { pipeline, prefetch = SWEEP_PREFETCH, decide, onLost, onSettled, onProgress } = options;
  const { queue, bound } = progress;
  const signal = AbortSignal.any([options.signal, progress.lost]);
  const read = (message: SweptMessage): DeadLetter => readLetter(message, pipeline.name);
  return sweep({
    queue,
    name,
    bound,
    signal,
    publisher: desk.publisher,
    openConsumer: (onDelivery) =>
      new QueueConsumer({ connection: desk.consuming, queue, prefetch, log: desk.log, onDelivery }),
    ready: () => readyIn(desk, queue, signal),
    decide: (messages) => decide(messages.map(read), { isContinued }),
    idOf: (message) => idOfLetter(message, pipeline.name),
    ...(onLost && { onLost }),
    onSettled: (move) => {
      progress.seen++;
      if (move.to !== 'tail') progress.removed++;
      onSettled?.(move);
      onProgress?.({ seen: progress.seen, bound });
    },
  });
}

/**
 * At most: what the one before held when it died may not be ready yet, and its last acknowledgements may have died with
 * it. With fewer the sweep ends by itself.
 */
const leftOf = ({ total, seen }: Unfinished): number => total - seen + Math.min(seen, SWEEP_PREFETCH);

const readyIn = async ({ consuming }: Desk, queue: string, signal: AbortSignal): Promise<number> =>
  (await messagesIn(await consuming.ready(signal), queue)) ?? 0;

/**
 * Resolves when the queue has at least so many ready messages, at the latest after 5 s. A quorum queue takes back what a
 * channel held some milliseconds after that is closed: until then it is neither whole nor in order.
 */
async function handedBack(desk: Desk, queue: string, least: number): Promise<void> {
  const deadline = AbortSignal.timeout(HAND_BACK_MS);
  // A broker that is away takes everything back, too.
  const ready = (): Promise<number> => readyIn(desk, queue, deadline).catch(() => Infinity);
  while (!deadline.aborted && (await ready()) < least) await delay(HAND_BACK_POLL_MS);
}

/** Keeps the lease while the sweep lasts, and writes down how far it is. */
class LeasedProgress {
  readonly queue: string;
  readonly bound: number;
  seen = 0;
  /** Of those seen, the ones that are not in the queue any more. */
  removed = 0;
  isComplete = false;
  readonly #desk: Desk;
  readonly #lost = new AbortController();
  #renewedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(desk: Desk, queue: string, bound: number) {
    this.#desk = desk;
    this.queue = queue;
    this.bound = bound;
  }

  /** Aborted when the queue may be somebody else's. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async start(): Promise<void> {
    await this.#renew();
    this.#timer = setInterval(() => {
      this.#renew().catch((error: unknown) => {
        this.#desk.log.warn('sweep lease not renewed', {
          queue: this.queue,
          error: (error as Error).message,
        });
        if (performance.now() - this.#renewedAt > LEASE_SECONDS * 1_000 - RENEW_MS) this.#giveUp();
      });
    }, RENEW_MS);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    const seen = this.isComplete ? this.bound : this.seen;
    const lease = { queue: this.queue, holder: this.#desk.holder };
    await leaveSweepLease(this.#desk.pool, lease, { total: this.bound, seen }).catch((error: unknown) => {
      // It runs out by itself.
      this.#desk.log.warn('sweep lease not given back', {
        queue: this.queue,
        error: (error as Error).message,
      });
    });
    if (this.lost.aborted) throw this.lost.reason;
  }

  async #renew(): Promise<void> {
    const lease = { queue: this.queue, holder: this.#desk.holder };
    const isOurs = await renewSweepLease(this.#desk.pool, lease, { total: this.bound, seen: this.seen });
    if (isOurs) this.#renewedAt = performance.now();
    else this.#giveUp();
  }

  #giveUp(): void {
    clearInterval(this.#timer);
    this.#lost.abort(new SweepBusy(`'${this.queue}': the lease of this sweep ran out`));
  }
}
