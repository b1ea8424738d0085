import { open } from 'node:fs/promises';
import { insertAuditEntry } from '../postgres/audit-log.ts';
import { saveDeadLetters } from '../postgres/dead-letters.ts';
import type { Pipeline } from '../pipelines/pipeline.ts';
import type { Move } from '../rabbitmq/sweep-options.ts';
import { type DeadLetterFilter, matchesFilter } from '../task/dead-letter-filter.ts';
import type { DeadLetter } from '../task/dead-letter.ts';
import type { Desk } from './desk.ts';
import { letterLine } from './letter-line.ts';
import { type LetterSweepEnd, sweepLetters, type SweepProgress } from './sweep-letters.ts';

export interface DiscardRequest {
  readonly pipeline: Pipeline;
  readonly filter: DeadLetterFilter;
  /** Lines are added to it. */
  readonly file: string;
  readonly limit?: number;
}

export interface DiscardEnd extends LetterSweepEnd {
  readonly discarded: number;
}

/**
 * Takes letters out of the queue into a file, from which `restore` puts them back. A letter leaves the queue when its
 * line is on the disk and the index says so; after a crash it may be in both places, and `restore` knows that.
 */
export async function discard(
  desk: Desk,
  request: DiscardRequest,
  options: { readonly signal: AbortSignal; readonly onProgress?: (progress: SweepProgress) => void },
): Promise<DiscardEnd> {
  const { pipeline, filter, file: path, limit = Infinity } = request;
  const file = await open(path, 'a', 0o600);
  const done = { discarded: 0, isRotated: false };
  const decide = async (letters: readonly DeadLetter[]): Promise<Move[]> => {
    const left = limit - done.discarded;
    const chosen = letters.filter((letter) => matchesFilter(letter, filter)).slice(0, left);
    if (chosen.length > 0) {
      await file.appendFile(chosen.map(letterLine).join(''));
      await file.datasync();
      const indexed = chosen.map((letter) => ({ letter, idField: pipeline.idField }));
      await saveDeadLetters(desk.pool, indexed, { state: 'discarded' });
    }
    const isChosen = new Set(chosen);
    done.discarded += chosen.length;
    done.isRotated ||= chosen.length < letters.length;
    return letters.map((letter) => ({ to: isChosen.has(letter) ? 'nowhere' : 'tail' }));
  };
  try {
    const end = await sweepLetters(desk, {
      ...options,
      pipeline,
      request: { operation: 'discard', filter: { ...filter } },
      // Nothing was put to the tail, so the queue is in order and need not be gone through.
      decide: async (letters, { isContinued }) =>
        done.discarded >= limit && !done.isRotated && !isContinued ? [] : decide(letters),
      onLost: (move) => {
        if (move.to === 'nowhere') done.discarded--;
      },
    });
    return { ...end, discarded: done.discarded };
  } finally {
    await file.close();
    await insertAuditEntry(desk.pool, {
      actor: desk.actor,
      action: 'dlq.discard',
      target: pipeline.name,
      detail: { filter: { ...filter }, file: path, discarded: done.discarded },
    });
  }
}
