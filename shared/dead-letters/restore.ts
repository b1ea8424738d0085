import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { reached } from '../observability/milestones.ts';
import { insertAuditEntry } from '../postgres/audit-log.ts';
import { saveDeadLetters, waitingIds } from '../postgres/dead-letters.ts';
import { pipelineNamed } from '../pipelines/registry.ts';
import { deadLetterQueue, EXCHANGE } from '../rabbitmq/topology.ts';
import { type DeadLetter, LETTER_PRIORITY, letterHeaders } from '../task/dead-letter.ts';
import type { Desk } from './desk.ts';
import { LetterLineError, readLetterLine } from './letter-line.ts';

export interface RestoreEnd {
  readonly restored: number;
  /** In their queue already, says the index. */
  readonly skipped: number;
}

const BATCH = 500;

/**
 * Puts discarded letters back at the tail of their queues, and then into the index: a crash between the two leaves up to
 * 500 letters that the index does not know until it is rebuilt. The file is only read. Restoring it again does
 * nothing. Rejects with LetterLineError and the number of the line; those before it are restored.
 */
export async function restore(desk: Desk, path: string, signal: AbortSignal): Promise<RestoreEnd> {
  const end = { restored: 0, skipped: 0 };
  try {
    for await (const letters of batchesOf(path)) {
      if (signal.aborted) break;
      const fresh = await notWaiting(desk, letters);
      await Promise.all(fresh.map((letter) => publish(desk, letter)));
      await saveDeadLetters(
        desk.pool,
        fresh.map((letter) => ({ letter, idField: pipelineNamed(letter.pipeline)?.idField ?? '' })),
      );
      end.restored += fresh.length;
      end.skipped += letters.length - fresh.length;
    }
    return end;
  } finally {
    const detail = { ...end };
    await insertAuditEntry(desk.pool, { actor: desk.actor, action: 'dlq.restore', target: path, detail });
  }
}

async function* batchesOf(path: string): AsyncGenerator<DeadLetter[]> {
  let batch: DeadLetter[] = [];
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    number++;
    if (line.trim() === '') continue;
    try {
      const letter = readLetterLine(line);
      if (pipelineNamed(letter.pipeline) === undefined)
        throw new LetterLineError(`there is no pipeline '${letter.pipeline}'`);
      batch.push(letter);
    } catch (error) {
      yield batch;
      throw new LetterLineError(`${path}, line ${number}: ${(error as Error).message}`, { cause: error });
    }
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

async function notWaiting(desk: Desk, letters: readonly DeadLetter[]): Promise<DeadLetter[]> {
  const fresh: DeadLetter[] = [];
  for (const pipeline of new Set(letters.map((letter) => letter.pipeline))) {
    const own = letters.filter((letter) => letter.pipeline === pipeline);
    const ids = own.map(({ id }) => id);
    const waiting = await waitingIds(desk.pool, pipeline, ids);
    fresh.push(...own.filter(({ id }, index) => !waiting.has(id) && ids.indexOf(id) === index));
  }
  return fresh;
}

async function publish(desk: Desk, letter: DeadLetter): Promise<void> {
  const prefix = pipelineNamed(letter.pipeline)?.prefix ?? '';
  await desk.publisher.publish({
    exchange: EXCHANGE,
    routingKey: deadLetterQueue(prefix),
    body: letter.body,
    messageId: letter.id,
    properties: {
      contentType: 'application/json',
      priority: LETTER_PRIORITY,
      headers: letterHeaders(letter),
    },
  });
  reached('confirmed');
}
