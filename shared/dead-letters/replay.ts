/**
 * Replays the dead letters of one pipeline that a filter names: each goes to its entry stage under its old task id, and
 * is marked in the index before it goes, so that a death that follows at once is told from the one before. What became
 * of them is read from the rows that the workers write.
 */
import { randomUUID } from 'node:crypto';
import { insertAuditEntry } from '../postgres/audit-log.ts';
import { type ReplayOutcome, replayOutcome } from '../postgres/replay-outcomes.ts';
import type { Rate } from '../runtime/environment.ts';
import type { Desk } from './desk.ts';
import { ReplayPicker } from './replay-picker.ts';
import type { ReplayRequest } from './replay-request.ts';
import { ReplayWatch, settledOf, type StopReason } from './replay-watch.ts';
import { sweepLetters, type SweepProgress } from './sweep-letters.ts';

export interface ReplayProgress extends SweepProgress {
  readonly sent: number;
  readonly outcome: ReplayOutcome;
}

export interface ReplayEnd extends SweepProgress {
  readonly replayId: string;
  readonly pipeline: string;
  /** Put back on their way. */
  readonly sent: number;
  /** Not replayed, since they had been three times. */
  readonly refused: number;
  /** Dropped, since their entity has been enriched since they died. */
  readonly alreadyEnriched: number;
  readonly stopped?: StopReason;
  /** False = interrupted: the same request goes on from here. */
  readonly isComplete: boolean;
  readonly outcome: ReplayOutcome;
}

export interface ReplayOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: ReplayProgress) => void;
}

/** At a slow pace fewer letters are held: one that waits for longer than half an hour is taken back by the broker. */
const HELD_SECONDS = 60;

/** Rejects with SweepBusy, or with what the broker or the database threw; what was sent until then stays sent. */
export async function replay(desk: Desk, request: ReplayRequest, options: ReplayOptions): Promise<ReplayEnd> {
  const { pipeline, filter, rate } = request;
  const { signal, onProgress } = options;
  const replayId = randomUUID();
  const audit = (action: string, detail: object): Promise<void> =>
    insertAuditEntry(desk.pool, {
      actor: desk.actor,
      action,
      target: pipeline.name,
      detail: { replay_id: replayId, ...detail },
    });
  await audit('dlq.replay', {
    filter: { ...filter },
    limit: request.limit ?? null,
    forced: request.isForced,
  });
  const watch = new ReplayWatch({
    ask: () => replayOutcome(desk.pool, { replayId, table: pipeline.table, idField: pipeline.idField }),
    silenceMs: request.silenceMs,
  });
  const picker = new ReplayPicker({ pool: desk.pool, replayId, request, watch, signal });
  let progress: SweepProgress = { seen: 0, bound: 0 };
  const report = (): void => onProgress?.({ ...progress, sent: picker.sent, outcome: watch.outcome });
  const end = await sweepLetters(desk, {
    pipeline,
    request: { operation: 'replay', filter: { ...filter } },
    signal,
    ...(rate && { prefetch: heldAt(rate) }),
    decide: (letters, facts) => picker.decide(letters, facts),
    onLost: (move) => {
      picker.lost(move);
    },
    onProgress: (now) => {
      progress = now;
      report();
    },
  });
  if (request.isWatched) await follow(watch, picker, signal, report);
  const result = { ...end, ...picker.tally, replayId, pipeline: pipeline.name, outcome: watch.outcome };
  await audit('dlq.replay.ended', {
    ...picker.tally,
    complete: end.isComplete,
    outcome: { ...watch.outcome },
  });
  return result;
}

/** Until every letter has an outcome, or nothing happens for too long. */
async function follow(
  watch: ReplayWatch,
  picker: ReplayPicker,
  signal: AbortSignal,
  report: () => void,
): Promise<void> {
  if (picker.sent === 0) return;
  try {
    await watch.waitFor((outcome) => {
      report();
      return settledOf(outcome) >= picker.sent;
    }, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

const heldAt = ({ count, windowMs }: Rate): number =>
  Math.min(500, Math.max(1, Math.ceil((count / windowMs) * 1_000 * HELD_SECONDS)));
