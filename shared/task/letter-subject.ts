/** Who a dead letter is about, read from a body that may not be readable, or not safe to read. */
import { type DeadLetter, nonEmpty } from './dead-letter.ts';
import type { Json } from './fields.ts';

/** Why a message is a dead letter that has ended several processes, one after the other. */
export const POISON = 'poison';

/** For letters that could be read. */
export interface Subject {
  readonly taskId?: string;
  readonly jobId?: string;
  readonly owner: string;
  readonly entityId?: string;
}

/** Reads the body as far as it can be read. Throws nothing. */
export function subjectOf(letter: DeadLetter, idField: string): Subject {
  const { id } = letter;
  const record = recordOf(letter, [idField, 'task_id', 'job_id', 'owner']);
  const given = record?.[idField];
  const entityId = typeof given === 'number' ? String(given) : nonEmpty(given);
  if (record === undefined || entityId === undefined) return { owner: '' };
  const jobId = nonEmpty(record['job_id']);
  return {
    taskId: nonEmpty(record['task_id']) ?? id,
    owner: nonEmpty(record['owner']) ?? '',
    entityId,
    ...(jobId === undefined ? {} : { jobId }),
  };
}

/** Whose record it is about, as far as the body can be read; empty = nobody's in particular. */
export const ownerOf = (letter: Pick<DeadLetter, 'body' | 'reason'>): string =>
  nonEmpty(recordOf(letter, ['owner'])?.['owner']) ?? '';

/** At least the fields of these names, as far as there are any. */
const recordOf = (
  { body, reason }: Pick<DeadLetter, 'body' | 'reason'>,
  names: readonly string[],
): Readonly<Record<string, Json>> | undefined =>
  reason === POISON ? searchRecord(body, names) : parseRecord(body);

/** Where an object begins within the record: messages of ours say whose they are before that. */
const NESTED = /[:[,]\s{0,9}\{/;

/**
 * Parsing it may be what ended those processes, and would end whoever files it. So its names are looked for in the text:
 * the first of each before anything nested, where its value is a number or has nothing escaped. What is nested speaks of
 * other things, or for somebody who wants to be taken for another. The search takes time in proportion to the text.
 */
function searchRecord(body: Buffer, names: readonly string[]): Record<string, Json> {
  const whole = body.toString('utf8');
  const nested = whole.search(NESTED);
  const text = nested < 0 ? whole : whole.slice(0, nested);
  const found: Record<string, Json> = {};
  for (const name of names) {
    const [, string, number] =
      new RegExp(`"${name}"\\s{0,9}:\\s{0,9}(?:"([^"\\\\]{1,300})"|(\\d{1,15}))`).exec(text) ?? [];
    if (string !== undefined) found[name] = string;
    else if (number !== undefined) found[name] = Number(number);
  }
  return found;
}

function parseRecord(body: Buffer): Record<string, Json> | undefined {
  try {
    const value = JSON.parse(body.toString('utf8')) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
