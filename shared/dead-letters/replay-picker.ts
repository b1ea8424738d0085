import { type Indexed, saveDeadLetters } from '../postgres/dead-letters.ts';
import type { Pool } from '../postgres/pool.ts';
import { enrichedSince } from '../postgres/replay-outcomes.ts';
import type { Pipeline } from '../pipelines/pipeline.ts';
import type { Move } from '../rabbitmq/sweep-options.ts';
import { createPace } from '../runtime/pace.ts';
import { matchesFilter } from '../task/dead-letter-filter.ts';
import type { DeadLetter } from '../task/dead-letter.ts';
import { subjectOf } from '../task/letter-subject.ts';
import { MAX_REPLAYS, replayMove } from './replay-message.ts';
import type { ReplayRequest } from './replay-request.ts';
import { allowance, isFailing, type ReplayWatch, type StopReason } from './replay-watch.ts';
import type { SweepFacts } from './sweep-letters.ts';

export interface ReplayPickerDeps {
  readonly pool: Pool;
  readonly replayId: string;
  readonly request: ReplayRequest;
  readonly watch: ReplayWatch;
  readonly signal: AbortSignal;
}

const TAIL: Move = { to: 'tail' };

/** Decides about each letter of a replay: on its way, dropped, or back to the queue. */
export class ReplayPicker {
  readonly #deps: ReplayPickerDeps;
  readonly #pace: (() => Promise<void>) | undefined;
  readonly #notBefore: number | undefined;
  #sent = 0;
  #refused = 0;
  #alreadyEnriched = 0;
  #rotated = false;
  #stopped: StopReason | undefined;

  constructor(deps: ReplayPickerDeps) {
    this.#deps = deps;
    const { rate, isRefresh } = deps.request;
    this.#pace = rate === undefined ? undefined : createPace(rate, deps.signal);
    this.#notBefore = isRefresh ? Date.now() : undefined;
  }

  get sent(): number {
    return this.#sent;
  }

  get tally(): { sent: number; refused: number; alreadyEnriched: number; stopped?: StopReason } {
    return {
      sent: this.#sent,
      refused: this.#refused,
      alreadyEnriched: this.#alreadyEnriched,
      ...(this.#stopped === undefined ? {} : { stopped: this.#stopped }),
    };
  }

  /** As `SweepOptions.decide`. */
  async decide(letters: readonly DeadLetter[], { isContinued }: SweepFacts): Promise<readonly Move[]> {
    const first = this.#isOver
      ? -1
      : letters.findIndex((letter) => this.#isWanted(letter) && this.#isAllowed(letter));
    if (first < 0) {
      // Nothing was put to the tail yet, so the queue is in order and the sweep can end here.
      if (this.#isOver && !this.#rotated && !isContinued) return [];
      return this.#keep(letters);
    }
    // What stands before it need not wait for anybody's outcome.
    if (first > 0) return this.#keep(letters.slice(0, first));
    const room = await this.#room();
    return room === 0 ? this.decide(letters, { isContinued }) : this.#take(letters, room);
  }

  /** The broker took it back: it is decided about again, and counts then. */
  lost(move: Move): void {
    if (move.to === 'queue') this.#sent--;
    if (move.to === 'nowhere') this.#alreadyEnriched--;
  }

  get #isOver(): boolean {
    const { limit } = this.#deps.request;
    return this.#stopped !== undefined || (limit !== undefined && this.#sent >= limit);
  }

  #isWanted(letter: DeadLetter): boolean {
    return matchesFilter(letter, this.#deps.request.filter);
  }

  #keep(letters: readonly DeadLetter[]): Move[] {
    return letters.map((letter) => {
      this.#rotated = true;
      if (this.#isWanted(letter) && !this.#isAllowed(letter)) this.#refused++;
      return TAIL;
    });
  }

  /** How many may be sent now, waiting until it is one at least; 0 = the replay has been stopped meanwhile. */
  async #room(): Promise<number> {
    const { request, watch, signal } = this.#deps;
    await this.#pace?.();
    const left = (request.limit ?? Infinity) - this.#sent;
    if (!request.isWatched) return this.#pace === undefined ? left : 1;
    let room = 0;
    const isReached = await watch.waitFor((outcome) => {
      room = allowance(this.#sent, outcome);
      return room > 0 || isFailing(outcome);
    }, signal);
    if (isFailing(watch.outcome)) this.#stopped = 'failing';
    else if (!isReached) this.#stopped = 'silent';
    if (this.#stopped !== undefined) return 0;
    return Math.min(left, this.#pace === undefined ? room : 1);
  }

  /** Moves for a beginning of these letters that holds at most `room` to be sent. */
  async #take(letters: readonly DeadLetter[], room: number): Promise<Move[]> {
    const { request } = this.#deps;
    const wanted = new Set<DeadLetter>();
    let end = 0;
    for (const letter of letters) {
      if (this.#isWanted(letter) && this.#isAllowed(letter)) {
        if (wanted.size === room) break;
        wanted.add(letter);
      }
      end++;
    }
    const enriched = await this.#split(request.pipeline, [...wanted]);
    return letters.slice(0, end).flatMap((letter): Move[] => {
      if (!wanted.has(letter)) return this.#keep([letter]);
      if (enriched.has(letter)) {
        this.#alreadyEnriched++;
        return [{ to: 'nowhere' }];
      }
      this.#sent++;
      return [replayMove(request.pipeline, letter, this.#notBefore)];
    });
  }

  #isAllowed({ replays }: DeadLetter): boolean {
    return this.#deps.request.isForced || replays < MAX_REPLAYS;
  }

  /** Those whose entity was enriched since. Marks all of them in the index: before they go, see replay.ts. */
  async #split(pipeline: Pipeline, letters: readonly DeadLetter[]): Promise<ReadonlySet<DeadLetter>> {
    const { pool, replayId } = this.#deps;
    const { idField } = pipeline;
    const entities = letters.map((letter) => {
      const { owner, entityId = '' } = subjectOf(letter, idField);
      return { owner, entityId, diedAt: letter.diedAt };
    });
    const isEnriched = await enrichedSince(pool, pipeline, entities);
    const enriched = new Set(letters.filter((_, index) => isEnriched[index] === true));
    const indexed = (letter: DeadLetter): Indexed => ({ letter, idField });
    const gone = [...enriched].map(indexed);
    const onTheirWay = letters.filter((letter) => !enriched.has(letter)).map(indexed);
    await saveDeadLetters(pool, gone, { state: 'enriched' });
    await saveDeadLetters(pool, onTheirWay, { state: 'replayed', replayId });
    return enriched;
  }
}
