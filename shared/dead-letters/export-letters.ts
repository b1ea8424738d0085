/** Dead letters for other programs, page by page out of the index: memory does not grow with their number. */
import { csvLine } from '../output/csv-line.ts';
import type { Client } from '../postgres/dead-letters.ts';
import { type IndexedLetter, listLetters, type LetterPosition } from '../postgres/dead-letter-search.ts';
import type { DeadLetterFilter } from '../task/dead-letter-filter.ts';

export const EXPORT_FORMATS = ['ndjson', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const PAGE = 500;

/** All letters in the queues that match, the newest first. */
async function* allLetters(client: Client, filter: DeadLetterFilter): AsyncGenerator<IndexedLetter> {
  let after: LetterPosition | undefined;
  for (;;) {
    const page = await listLetters(client, filter, { limit: PAGE, ...(after && { after }) });
    yield* page;
    after = page.at(-1);
    if (page.length < PAGE) return;
  }
}

/** The lines of a file, each with its line break. */
export async function* exportLines(
  client: Client,
  filter: DeadLetterFilter,
  format: ExportFormat,
): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine(CSV_COLUMNS);
  for await (const letter of allLetters(client, filter)) {
    const document = letterDocument(letter);
    yield format === 'ndjson'
      ? `${JSON.stringify(document)}\n`
      : csvLine(CSV_COLUMNS.map((column) => document[column]));
  }
}

/** A letter as all documents and files show it: snake_case, times in ISO 8601, the body parsed where it is JSON. */
export function letterDocument(letter: IndexedLetter): Readonly<Record<string, unknown>> {
  return {
    id: letter.id,
    pipeline: letter.pipeline,
    fingerprint: letter.fingerprint,
    reason: letter.reason,
    error_class: letter.errorClass,
    provider: letter.provider,
    attempts: letter.attempts,
    replays: letter.replays,
    first_error: letter.firstError,
    first_error_at: new Date(letter.firstErrorAt).toISOString(),
    last_error: letter.error,
    last_error_at: new Date(letter.diedAt).toISOString(),
    origin_queue: letter.originQueue,
    lane: letter.lane,
    task_id: letter.taskId,
    job_id: letter.jobId,
    owner: letter.owner,
    entity_id: letter.entityId,
    state: letter.state,
    replaced_by: letter.replacedBy,
    body: bodyOf(letter.body),
    headers: letter.headers,
  };
}

const CSV_COLUMNS = [
  'id',
  'pipeline',
  'fingerprint',
  'reason',
  'error_class',
  'provider',
  'attempts',
  'replays',
  'first_error_at',
  'last_error',
  'last_error_at',
  'origin_queue',
  'owner',
  'entity_id',
  'body',
] as const;

function bodyOf(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
