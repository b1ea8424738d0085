import { openInput } from '../../shared/input/open-input.ts';
import { readRows } from '../../shared/input/read-rows.ts';
import type { EnrichmentQueuePublisher, EnrichmentRecord } from '../../shared/publisher.ts';
import type { Source } from './sources.ts';

export interface PublishRun {
  readonly publisher: EnrichmentQueuePublisher;
  /** Of the rows of this run: they are counted by it. */
  readonly owner: string;
  readonly limit: number | undefined;
  readonly signal: AbortSignal;
}

export interface PublishedRow {
  /** For people: "Deadmau5 - Strobe". */
  readonly label: string;
  readonly title: string;
  /** Names it in the truth of the sandbox. */
  readonly truthKey: string;
}

/** What became of a file; it grows while the file is published. */
export class Publication {
  readonly source: Source;
  published = 0;
  rejected = 0;
  isComplete = false;
  /** `line 3055: title is required`. */
  readonly rejects: string[] = [];
  /** What was published, by the id of the entity. */
  readonly rows = new Map<string, PublishedRow>();

  constructor(source: Source) {
    this.source = source;
  }
}

/** Publishes the rows of a file as they are. Rejects with PublishError, or with the signal's reason. */
export async function publishSource(publication: Publication, run: PublishRun): Promise<void> {
  const { source } = publication;
  const { pipeline, lane } = source;
  const input = await openInput(source.file, { stdin: process.stdin });
  try {
    publication.published = await run.publisher.publishMany(records(publication, input, run), {
      pipeline: pipeline.name,
      lane,
      // The highest that the backlog knows; the priority lane has its own default.
      ...(lane === 'backlog' && { priority: 3 }),
      owner: run.owner,
    });
    run.signal.throwIfAborted();
    publication.isComplete = true;
  } finally {
    await input.close();
  }
}

async function* records(
  publication: Publication,
  input: Awaited<ReturnType<typeof openInput>>,
  { limit = Infinity, signal }: PublishRun,
): AsyncGenerator<EnrichmentRecord> {
  const { source } = publication;
  const { pipeline, map } = source;
  let count = 0;
  for await (const row of readRows(input, { pipeline, ...(map && { map }) })) {
    count += 1;
    if (signal.aborted || count > limit) return;
    if ('problems' in row) {
      publication.rejected += 1;
      const why = row.problems.map(({ field, reason }) => `${field} ${reason}`.trim()).join(', ');
      publication.rejects.push(`line ${row.line}: ${why}`);
      continue;
    }
    const { entity, extra } = row.accepted;
    publication.rows.set(textOf(entity[pipeline.idField]), {
      label: pipeline.label(entity),
      title: textOf(entity['title']),
      truthKey: source.truthKey(row.original),
    });
    publication.published += 1;
    yield { ...extra, ...entity };
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
