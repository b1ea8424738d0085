/**
 * Compares what the dead-letter queues hold with what their index says. Both change all the time, so one difference says
 * nothing; one that stays the same is what a crash has left, or somebody's hand, and is healed by reindexing.
 */
import type { Desk } from '../../shared/dead-letters/desk.ts';
import { queueDepths } from '../../shared/dead-letters/dead-letter-queues.ts';
import { reindex } from '../../shared/dead-letters/reindex.ts';
import { SweepBusy } from '../../shared/dead-letters/sweep-letters.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { pipelineNamed } from '../../shared/pipelines/registry.ts';
import { type LetterGroup, listGroups } from '../../shared/postgres/dead-letter-search.ts';
import { forgetLetters } from '../../shared/postgres/dead-letters.ts';

export interface IndexWatchOptions {
  readonly desk: Desk;
  readonly metrics: Pick<
    Metrics,
    'deadLettersWaiting' | 'deadLettersByReason' | 'deadLettersUnindexed' | 'deadLetterOldest'
  >;
  readonly keepDays: number;
  readonly signal: AbortSignal;
}

/** Checks in a row in which queue and index differ by the same number. */
const CHECKS_BEFORE_REINDEX = 3;

export class IndexWatch {
  readonly #options: IndexWatchOptions;
  readonly #known = new Set<string>();
  readonly #differences = new Map<string, { by: number; times: number }>();
  /** What a reindexing has left: the same letter twice in its queue is one row, and stays a difference. */
  readonly #remaining = new Map<string, number>();
  #isFirst = true;

  constructor(options: IndexWatchOptions) {
    this.#options = options;
  }

  /** One look at everything. Rejects when a server is away. */
  async check(): Promise<void> {
    const { desk, metrics, keepDays } = this.#options;
    const groups = await listGroups(desk.pool, {});
    for (const { pipeline, messages } of await queueDepths(desk)) {
      const own = groups.filter((group) => group.pipeline === pipeline);
      const by = messages - own.reduce((sum, { count }) => sum + count, 0);
      metrics.deadLettersWaiting.set({ pipeline }, messages);
      metrics.deadLettersUnindexed.set({ pipeline }, by);
      const oldest = Math.min(...own.map(({ firstSeen }) => firstSeen));
      metrics.deadLetterOldest.set({ pipeline }, own.length === 0 ? 0 : (Date.now() - oldest) / 1_000);
      await this.#heal(pipeline, by);
    }
    this.#countReasons(groups);
    this.#tellNew(groups);
    await forgetLetters(desk.pool, keepDays);
  }

  #countReasons(groups: readonly LetterGroup[]): void {
    const gauge = this.#options.metrics.deadLettersByReason;
    // A reason that nobody died of any more is gone, instead of standing at its last number.
    gauge.reset();
    for (const { pipeline, reason, count } of groups) gauge.inc({ pipeline, reason }, count);
  }

  /** A cause that was not there before is worth a line: the depth of a queue says nothing of it. */
  #tellNew(groups: readonly LetterGroup[]): void {
    for (const { fingerprint, pipeline, count, errorClass, sample } of groups) {
      const key = `${pipeline} ${fingerprint}`;
      if (this.#known.has(key)) continue;
      this.#known.add(key);
      if (this.#isFirst) continue;
      this.#options.desk.log.warn('dead letters of a new cause', {
        group: fingerprint,
        pipeline,
        count,
        errorClass,
        error: sample,
      });
    }
    this.#isFirst = false;
  }

  async #heal(name: string, by: number): Promise<void> {
    const { desk, signal } = this.#options;
    const before = this.#differences.get(name);
    const times = by !== 0 && before?.by === by ? before.times + 1 : 1;
    this.#differences.set(name, { by, times });
    const pipeline = pipelineNamed(name);
    if (by === 0 || times < CHECKS_BEFORE_REINDEX || pipeline === undefined) return;
    if (this.#remaining.get(name) === by) return;
    desk.log.warn('index differs from the dead-letter queue, reindexing', { pipeline: name, by });
    try {
      const { seen, gone } = await reindex(desk, pipeline, { signal });
      desk.log.info('reindexed', { pipeline: name, seen, gone });
      this.#remaining.set(name, by);
    } catch (error) {
      // A replay is at work, and sets it right itself.
      if (!(error instanceof SweepBusy)) throw error;
    }
    this.#differences.delete(name);
  }
}
