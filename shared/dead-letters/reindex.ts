import { databaseTime, markGone, saveDeadLetters } from '../postgres/dead-letters.ts';
import { insertAuditEntry } from '../postgres/audit-log.ts';
import type { Pipeline } from '../pipelines/pipeline.ts';
import type { Desk } from './desk.ts';
import { type LetterSweepEnd, sweepLetters, type SweepProgress } from './sweep-letters.ts';

export interface ReindexEnd extends LetterSweepEnd {
  /** Rows of messages that are not in the queue. */
  readonly gone: number;
}

/**
 * Makes the index say what the queue holds: a sweep that takes nothing. Rows of messages that it did not meet are marked
 * gone, once it has seen them all. Letters that arrive meanwhile are not touched.
 */
export async function reindex(
  desk: Desk,
  pipeline: Pipeline,
  options: { readonly signal: AbortSignal; readonly onProgress?: (progress: SweepProgress) => void },
): Promise<ReindexEnd> {
  const startedAt = await databaseTime(desk.pool);
  const facts = { isContinued: false };
  const end = await sweepLetters(desk, {
    ...options,
    pipeline,
    request: { operation: 'reindex' },
    decide: async (letters, { isContinued }) => {
      facts.isContinued = isContinued;
      await saveDeadLetters(
        desk.pool,
        letters.map((letter) => ({ letter, idField: pipeline.idField })),
      );
      return letters.map(() => ({ to: 'tail' }));
    },
  });
  // A continued one has not met those that the first part saw.
  const gone = end.isComplete && !facts.isContinued ? await markGone(desk.pool, pipeline.name, startedAt) : 0;
  await insertAuditEntry(desk.pool, {
    actor: desk.actor,
    action: 'dlq.reindex',
    target: pipeline.name,
    detail: { seen: end.seen, gone, complete: end.isComplete },
  });
  return { ...end, gone };
}
