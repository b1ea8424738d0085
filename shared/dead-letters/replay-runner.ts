/**
 * Runs the replays that were asked for and that nobody waits for, one at a time in each process. A replay is a row with a
 * lease: when its process ends, another one goes on where the sweep stopped.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../observability/log.ts';
import type { Pool } from '../postgres/pool.ts';
import {
  endReplayRun,
  leaveReplayRun,
  renewReplayRun,
  type ReplayRun,
  takeReplayRun,
} from '../postgres/replay-runs.ts';
import { parseRate } from '../runtime/environment.ts';
import { pipelinesOf } from './dead-letter-queues.ts';
import type { Desk } from './desk.ts';
import { replay } from './replay.ts';
import { letterFilterOf, type ReplayOrder, replayOrderSchema } from './replay-order.ts';
import { type ReplayTally, replayTallySchema, withEnd, withProgress } from './replay-tally.ts';
import { SweepBusy } from './sweep-letters.ts';

export interface ReplayRunnerOptions {
  readonly pool: Pool;
  /** Under this actor's name. */
  readonly deskFor: (actor: string) => Desk;
  readonly log: Log;
  readonly stopping: AbortSignal;
}

const LOOK_EVERY_MS = 5_000;
const RENEW_EVERY_MS = 1_000;
const BUSY_WAIT_MS = 2_000;

export class ReplayRunner {
  readonly #options: ReplayRunnerOptions;
  readonly #holder = randomUUID();
  #wake = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: ReplayRunnerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** There is something new: look now. */
  nudge(): void {
    this.#wake.abort();
  }

  /** Resolves when nothing runs here any more; the stopping signal ends it. */
  async stopped(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const { pool, log, stopping } = this.#options;
    while (!stopping.aborted) {
      this.#wake = new AbortController();
      const run = await takeReplayRun(pool, this.#holder).catch((error: unknown) => {
        log.warn('replays cannot be looked for', { error: (error as Error).message });
        return undefined;
      });
      if (run !== undefined) await this.#replay(run);
      else {
        const signal = AbortSignal.any([stopping, this.#wake.signal]);
        await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #replay(run: ReplayRun): Promise<void> {
    const { pool, log } = this.#options;
    const key = { replayId: run.replayId, holder: this.#holder };
    const lease = new RunLease(this.#options, key, replayTallySchema.parse(run.progress), run.isCancelWanted);
    try {
      await this.#replayAll(run, lease);
      await lease.end();
      if (lease.isCancelWanted) await endReplayRun(pool, key, { status: 'cancelled', progress: lease.tally });
      else if (lease.signal.aborted) await leaveReplayRun(pool, run.replayId, this.#holder);
      else {
        const status = lease.tally.stopped === null ? 'completed' : 'stopped';
        await endReplayRun(pool, key, { status, progress: lease.tally });
      }
    } catch (error) {
      await lease.end();
      const { message } = error as Error;
      log.error('replay failed', { replayId: run.replayId, error: message });
      const failed = endReplayRun(pool, key, { status: 'failed', progress: lease.tally, error: message });
      // Its lease ends, and the next process tries again.
      await failed.catch(() => undefined);
    }
  }

  async #replayAll(run: ReplayRun, lease: RunLease): Promise<void> {
    const order = replayOrderSchema.parse(run.request['order']);
    const filter = letterFilterOf(order, (run.request['owner'] as string | null | undefined) ?? null);
    const desk = this.#options.deskFor(run.actor);
    const isDone = new Set(lease.tally.pipelines_done);
    for (const pipeline of pipelinesOf(filter).filter(({ name }) => !isDone.has(name))) {
      const left = order.limit === undefined ? undefined : order.limit - lease.tally.replayed;
      if (lease.signal.aborted || (left !== undefined && left <= 0) || lease.tally.stopped !== null) return;
      const request = { pipeline, filter, ...optionsOf(order), ...(left !== undefined && { limit: left }) };
      const before = lease.tally;
      const end = await whenFree(lease, () =>
        replay(desk, request, {
          signal: lease.signal,
          onProgress: (progress) => {
            lease.tally = withProgress(before, progress);
          },
        }),
      );
      if (end !== undefined) lease.tally = withEnd(before, end);
    }
  }
}

const optionsOf = ({ rate, force, canary, refresh, wait }: ReplayOrder) => ({
  ...(rate !== undefined && { rate: parseRate(rate) }),
  isForced: force,
  isWatched: canary,
  isRefresh: refresh,
  silenceMs: wait * 1_000,
});

/** Waits while somebody else sweeps the queue. Undefined = the signal came first. */
async function whenFree<T>(lease: RunLease, run: () => Promise<T>): Promise<T | undefined> {
  while (!lease.signal.aborted) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof SweepBusy)) throw error;
      lease.tally = { ...lease.tally, waits_for: error.message };
      await delay(BUSY_WAIT_MS, undefined, { signal: lease.signal }).catch(() => undefined);
    }
  }
  return undefined;
}

/** Keeps a run, writes down how far it is, and hears of its cancellation. */
class RunLease {
  tally: ReplayTally;
  isCancelWanted: boolean;
  readonly #over = new AbortController();
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  #renewing: Promise<void> = Promise.resolve();

  constructor(
    { pool, log, stopping }: ReplayRunnerOptions,
    key: { readonly replayId: string; readonly holder: string },
    tally: ReplayTally,
    isCancelWanted: boolean,
  ) {
    this.tally = tally;
    this.isCancelWanted = isCancelWanted;
    this.signal = AbortSignal.any([stopping, this.#over.signal]);
    const renew = async (): Promise<void> => {
      try {
        const kept = await renewReplayRun(pool, key, this.tally);
        this.isCancelWanted ||= kept.isCancelWanted;
        if (this.isCancelWanted || !kept.isOurs) this.#over.abort(new Error('the replay is over here'));
      } catch (error) {
        log.warn('replay not renewed', { replayId: key.replayId, error: (error as Error).message });
      }
    };
    if (isCancelWanted) this.#over.abort(new Error('the replay is cancelled'));
    this.#timer = setInterval(() => {
      this.#renewing = this.#renewing.then(renew);
    }, RENEW_EVERY_MS);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
  }
}
