import type { Request } from 'express';
import { z } from 'zod';
import type { SubmittedRows } from '../../../shared/jobs/submit-job.ts';
import { rowsOfInput, rowsOfRecords } from '../../../shared/jobs/submitted-rows.ts';
import { listRejects } from '../../../shared/postgres/jobs/find-tasks.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Reply, type Route, route } from '../http/route.ts';
import { forecastRows, jobForecastSchema } from '../jobs/forecast-rows.ts';
import { jobDocument, jobSchema } from '../jobs/job-document.ts';
import { jobOptionsShape, jobQueryShape, readOptions, type ReadOptions } from '../jobs/job-options.ts';
import { submit, type SubmittedJob } from '../jobs/submission.ts';
import { CSV, FORM, NDJSON, openUpload } from '../jobs/upload.ts';
import type { Resources } from '../resources.ts';

const MOST_RECORDS = 10_000;
const SHOWN_REJECTS = 20;

const bodySchema = z.strictObject({
  ...jobOptionsShape,
  records: z
    .array(z.record(z.string(), z.unknown()))
    .min(1)
    .max(MOST_RECORDS, `at most ${MOST_RECORDS} records: send more as text/csv or application/x-ndjson`),
});

const querySchema = z.strictObject({
  ...jobQueryShape,
  dry_run: z.stringbool().default(false).describe('Only say what it would come to.'),
  force: z
    .stringbool()
    .default(false)
    .describe('A new job, though the same content was submitted within a day.'),
});

const submittedSchema = jobSchema
  .extend({
    rows: z.int().describe('All that were read: tasks, duplicates and rejected ones.'),
    is_new: z.boolean(),
    known_by: z.enum(['key', 'content']).nullable().describe('What told that the job was there already.'),
    rejected_rows: z
      .array(
        z
          .object({ line: z.int(), field: z.string(), value: z.string(), reason: z.string() })
          .meta({ id: 'RejectedRow' }),
      )
      .describe('The first of them; all are at `links.rejects`.'),
  })
  .meta({ id: 'SubmittedJob' });

/** A structured-field string, with or without its quotes. */
const KEY = /^(?:"([\x20\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255}))$/;

export const submitRoutes = (resources: Resources): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/jobs',
    name: 'submitJob',
    tag: 'jobs',
    summary: 'Submit records.',
    description: `JSON with up to ${MOST_RECORDS} records, or a file of up to a million rows, streamed: \`text/csv\`,
\`application/x-ndjson\`, or the file field of a form. Options are in the JSON body, else in the query. Answered after the
commit: from then on every task will be settled, whatever happens. Rows that are refused do not stop the others.`,
    scope: 'operator',
    query: querySchema,
    body: bodySchema,
    streams: [CSV, NDJSON, FORM],
    headers: {
      'Idempotency-Key':
        'The same key is answered with the same job for a day; an upload that broke off goes on with it.',
    },
    answers: {
      200: {
        description: 'The job was there already; or the forecast (`dry_run`).',
        schema: z.union([submittedSchema, jobForecastSchema]),
        headers: { 'Idempotent-Replayed': '`true` when the job was there already.' },
      },
      202: {
        description: 'It is accepted.',
        schema: submittedSchema,
        headers: { Location: 'The job.', 'Retry-After': 'When it is worth asking, in seconds.' },
      },
    },
    problems: [
      'submission_running',
      'idempotency_key_reused',
      'too_many_rows',
      'too_many_jobs',
      'too_many_rows_waiting',
      'backlog_full',
    ],
    handle: async ({ query: { dry_run: isDryRun, force, ...query }, body, principal, request, signal }) => {
      const { records, ...options } = (body as z.output<typeof bodySchema> | undefined) ?? {};
      const read = readOptions(principal.owner, query, options);
      const idempotencyKey = keyIn(request);
      const rows =
        records === undefined ? await uploaded(request, read, resources) : rowsOfRecords(records, read);
      if (isDryRun) return { body: await forecastRows(rows, read, resources, signal) };
      const isNamed = idempotencyKey !== undefined;
      const submission = {
        read,
        rows,
        principal,
        signal,
        isForced: force,
        ...(isNamed && { idempotencyKey }),
      };
      return replyTo(resources, await submit(resources, submission));
    },
  }),
];

async function uploaded(request: Request, read: ReadOptions, { limits }: Resources): Promise<SubmittedRows> {
  const { input, format } = await openUpload(request, limits.maxUploadBytes);
  return rowsOfInput(input, { ...read, ...(format && { format }) });
}

function keyIn(request: Request): string | undefined {
  const header = request.get('idempotency-key');
  if (header === undefined) return undefined;
  const [, quoted, bare] = KEY.exec(header.trim()) ?? [];
  const key = quoted ?? bare;
  if (key !== undefined) return key;
  const message = 'expected 1 to 255 printable characters, in double quotes';
  throw new HttpProblem('invalid_request', `header /idempotency-key: ${message}`, {
    faults: [{ in: 'header', pointer: '/idempotency-key', message }],
  });
}

async function replyTo({ pool }: Resources, submitted: SubmittedJob): Promise<Reply> {
  const { job } = submitted;
  const { total, duplicates, rejected } = job.counts;
  const rejects = rejected === 0 ? [] : await listRejects(pool, job.jobId, { limit: SHOWN_REJECTS });
  const knownBy = submitted.kind === 'known' ? submitted.by : null;
  const document = jobDocument(job);
  const body: z.input<typeof submittedSchema> = {
    ...document,
    rows: total + duplicates + rejected,
    is_new: knownBy === null,
    known_by: knownBy,
    rejected_rows: rejects
      .flatMap(({ line, problems }) => problems.map((problem) => ({ line, ...problem })))
      .slice(0, SHOWN_REJECTS),
  };
  const headers = { location: document.links.self };
  if (knownBy !== null) return { status: 200, body, headers: { ...headers, 'idempotent-replayed': 'true' } };
  return { status: 202, body, headers: { ...headers, 'retry-after': '2' } };
}
