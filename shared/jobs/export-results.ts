/** The results of a job as a file, page by page: memory does not grow with the job. */
import { pipelineNamed } from '../pipelines/registry.ts';
import type { Client } from '../postgres/dead-letters.ts';
import { type JobResult, listJobResults } from '../postgres/jobs/find-tasks.ts';
import type { Job } from '../postgres/jobs/job.ts';
import type { Json } from '../task/fields.ts';
import { csvLine } from '../output/csv-line.ts';
import { FillRate } from './fill-rate.ts';

export const EXPORT_FORMATS = ['json', 'ndjson', 'csv'] as const;
export type ResultFormat = (typeof EXPORT_FORMATS)[number];

const PAGE = 1_000;

/** Pieces of the file, in order. */
export function exportResults(client: Client, job: Job, format: ResultFormat): AsyncGenerator<string> {
  const results = allResults(client, job);
  if (format === 'csv') return csvFile(results, job);
  return format === 'ndjson' ? ndjsonFile(results) : jsonFile(results, job);
}

async function* allResults(client: Client, job: Job): AsyncGenerator<readonly JobResult[]> {
  const table = pipelineNamed(job.pipeline)?.table;
  if (table === undefined) throw new Error(`job ${job.jobId}: no pipeline '${job.pipeline}'`);
  let after = 0;
  for (;;) {
    const page = await listJobResults(
      client,
      { jobId: job.jobId, owner: job.owner, table },
      { after, limit: PAGE },
    );
    yield page;
    after = page.at(-1)?.seq ?? after;
    if (page.length < PAGE) return;
  }
}

/** What is said of one task; the entity's fields are those that are known now. */
function resultDocument(result: JobResult): Readonly<Record<string, unknown>> {
  const { taskId, line, entityId, status, error, payload } = result;
  const row = result.result ?? {};
  return {
    id: entityId,
    task_id: taskId,
    line,
    status,
    error: error ?? null,
    submitted: payload.entity,
    extra: payload.extra ?? {},
    enriched: row['enriched'] ?? {},
    provenance: row['provenance'] ?? {},
    match_confidence: row['match_confidence'] ?? null,
    source: row['enrichment_source_api'] ?? null,
    missing: row['missing'] ?? [],
    enriched_at: row['enrichment_timestamp'] ?? null,
  };
}

async function* ndjsonFile(pages: AsyncIterable<readonly JobResult[]>): AsyncGenerator<string> {
  for await (const page of pages) {
    yield page.map((result) => `${JSON.stringify(resultDocument(result))}\n`).join('');
  }
}

async function* jsonFile(pages: AsyncIterable<readonly JobResult[]>, { jobId }: Job): AsyncGenerator<string> {
  const fill = new FillRate();
  let separator = '';
  yield `{"job_id":${JSON.stringify(jobId)},"data":[\n`;
  for await (const page of pages) {
    let text = '';
    for (const result of page) {
      fill.count(result.status, enrichedOf(result));
      text += `${separator}${JSON.stringify(resultDocument(result))}`;
      separator = ',\n';
    }
    yield text;
  }
  yield `\n],"counts":${JSON.stringify(fill.statuses)},"fill_rate":${JSON.stringify(fill.rates)}}\n`;
}

/**
 * A column for each field that the first page of results has; a field that only comes later stands in `more_fields`, as
 * JSON, so that nothing is left out.
 */
async function* csvFile(pages: AsyncIterable<readonly JobResult[]>, job: Job): AsyncGenerator<string> {
  const submitted = Object.keys(pipelineNamed(job.pipeline)?.schema.shape ?? {});
  let fields: readonly string[] | undefined;
  for await (const page of pages) {
    let text = '';
    if (fields === undefined) {
      fields = [...new Set(page.flatMap((result) => Object.keys(enrichedOf(result))))].sort();
      const named = fields.map((field) => (submitted.includes(field) ? `enriched_${field}` : field));
      text = csvLine([...BEFORE, ...submitted, ...named, 'more_fields']);
    }
    const columns = fields;
    yield text + page.map((result) => csvRow(result, submitted, columns)).join('');
  }
}

const BEFORE = ['line', 'status', 'source', 'match_confidence', 'error'];

function csvRow(result: JobResult, submitted: readonly string[], fields: readonly string[]): string {
  const enriched = enrichedOf(result);
  const { line, status, error, payload } = result;
  const more = Object.entries(enriched).filter(([field]) => !fields.includes(field));
  return csvLine([
    line,
    status,
    result.result?.['enrichment_source_api'],
    result.result?.['match_confidence'],
    error,
    ...submitted.map((field) => payload.entity[field]),
    ...fields.map((field) => listText(enriched[field])),
    more.length === 0 ? '' : JSON.stringify(Object.fromEntries(more)),
  ]);
}

/** A list of words is readable in a cell; what is deeper stays JSON. */
const listText = (value: Json | undefined): unknown =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') ? value.join('; ') : value;

const enrichedOf = ({ result }: JobResult): Readonly<Record<string, Json>> =>
  (result?.['enriched'] ?? {}) as Record<string, Json>;
