import { z } from 'zod';
import type { Response } from 'express';
import { pipeline as pump } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { EXPORT_FORMATS, exportResults } from '../../../shared/jobs/export-results.ts';
import { exportRejects, REJECT_FORMATS } from '../../../shared/jobs/export-rejects.ts';
import { type Route, route, STREAMED } from '../http/route.ts';
import type { Resources } from '../resources.ts';
import { jobParams as params, loadJob } from './jobs.ts';

const TAG = 'jobs';
const TYPES = { json: 'application/json', ndjson: 'application/x-ndjson', csv: 'text/csv' } as const;

export const jobResultRoutes = (resources: Resources): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/jobs/{id}/results',
    name: 'downloadResults',
    tag: TAG,
    summary: 'What came of every task, in the order of the submission.',
    description: `Streamed, also while the job runs. JSON is \`{"job_id", "data": […], "fill_rate": {field: share of the
enriched}, "counts": {status: tasks}}\`; CSV has a column for each field, and what a spreadsheet would take for a formula is
made text by an apostrophe: JSON and NDJSON keep every value as it is.`,
    scope: 'viewer',
    params,
    query: z.strictObject({ format: z.enum(EXPORT_FORMATS).default('json') }),
    answers: { 200: { description: 'The file.', types: Object.values(TYPES) } },
    handle: async ({ params: { id }, query: { format }, principal, response, signal }) => {
      const job = await loadJob(resources, id, principal);
      const name = `results-${id}.${format}`;
      await download(response, exportResults(resources.pool, job, format), {
        type: TYPES[format],
        name,
        signal,
      });
      return STREAMED;
    },
  }),
  route({
    method: 'get',
    path: '/v1/jobs/{id}/rejects',
    name: 'downloadRejects',
    tag: TAG,
    summary: 'The rows that were refused, with their reasons.',
    description: 'In the form of the submitted file: corrected, it can be submitted again.',
    scope: 'viewer',
    params,
    query: z.strictObject({
      format: z.enum(REJECT_FORMATS).optional().describe('Default: that of the submitted file.'),
    }),
    answers: { 200: { description: 'The file.', types: [TYPES.ndjson, TYPES.csv] } },
    handle: async ({ params: { id }, query, principal, response, signal }) => {
      await loadJob(resources, id, principal);
      const { format, lines } = await exportRejects(resources.pool, id, query.format);
      await download(response, lines, { type: TYPES[format], name: `rejects-${id}.${format}`, signal });
      return STREAMED;
    },
  }),
];

/** No faster than the client reads. What fails on the way cuts the response: no client takes that for its end. */
async function download(
  response: Response,
  lines: AsyncIterable<string>,
  { type, name, signal }: { readonly type: string; readonly name: string; readonly signal: AbortSignal },
): Promise<void> {
  response.status(200).set({
    'content-type': `${type}; charset=utf-8`,
    'content-disposition': `attachment; filename="${name}"`,
  });
  try {
    await pump(Readable.from(lines, { objectMode: true, highWaterMark: 64 }), response, { signal });
  } catch (error) {
    // A client that leaves is no fault.
    if (!signal.aborted) throw error;
  }
}
