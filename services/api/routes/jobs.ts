import type { Request } from 'express';
import { z } from 'zod';
import type { Principal } from '../../../shared/access/api-key.ts';
import { findJob, listJobs } from '../../../shared/postgres/jobs/find-jobs.ts';
import { hasEnded, type Job, JOB_STATUSES } from '../../../shared/postgres/jobs/job.ts';
import { countJobsBefore } from '../../../shared/postgres/jobs/watch-jobs.ts';
import { cursorOf, cursorText, pageQuery } from '../http/cursor.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Reply, type Route, route } from '../http/route.ts';
import {
  jobDocument,
  jobSchema,
  progressDocument,
  progressSchema,
  watchedJobSchema,
} from '../jobs/job-document.ts';
import { reachOf, type Resources } from '../resources.ts';
import { PIPELINE_NAMES } from './entities.ts';

const TAG = 'jobs';

export const jobParams = z.object({ id: z.uuid().describe('Of the job.') });

/** Throws HttpProblem when there is none that the caller may see. */
export async function loadJob(
  { pool }: Pick<Resources, 'pool'>,
  id: string,
  principal: Principal,
): Promise<Job> {
  const job = await findJob(pool, id, reachOf(principal));
  if (job === undefined) throw noSuchJob(id);
  return job;
}

const noSuchJob = (id: string): HttpProblem => new HttpProblem('not_found', `no job '${id}'`);

const listQuery = z.strictObject({
  ...pageQuery,
  status: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(JOB_STATUSES)).max(JOB_STATUSES.length))
    .optional()
    .describe('Comma-separated.'),
  pipeline: z.enum(PIPELINE_NAMES).optional(),
  label: z.string().max(200).optional(),
  owner: z.string().max(200).optional().describe('For admins: of this owner alone.'),
  created_after: z.iso.datetime({ offset: true }).optional(),
  created_before: z.iso.datetime({ offset: true }).optional(),
});

const jobPageSchema = z
  .object({ data: z.array(jobSchema), next_cursor: z.string().nullable() })
  .meta({ id: 'JobPage' });

/** Of an answer that only changes with the job; what else is in it is an estimate. */
const ETAG = { ETag: 'Changes with the job; send it back as If-None-Match.' };

export const jobRoutes = (resources: Resources): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/jobs',
    name: 'listJobs',
    tag: TAG,
    summary: 'Jobs, the newest first.',
    scope: 'viewer',
    query: listQuery,
    answers: { 200: { description: 'One page.', schema: jobPageSchema } },
    handle: ({ query, principal }) => list(resources, query, principal),
  }),
  route({
    method: 'get',
    path: '/v1/jobs/{id}',
    name: 'getJob',
    tag: TAG,
    summary: 'Everything about one job.',
    scope: 'viewer',
    params: jobParams,
    answers: {
      200: { description: 'The job.', schema: watchedJobSchema, headers: ETAG },
      304: { description: 'Nothing has changed.' },
    },
    handle: async ({ params: { id }, principal, request }) => {
      const job = await loadJob(resources, id, principal);
      return unlessKnown(job, request, async () => {
        const eta = await resources.eta(job);
        const position = hasEnded(job.status) ? null : await countJobsBefore(resources.pool, job);
        return { ...jobDocument(job, eta), position };
      });
    },
  }),
  route({
    method: 'get',
    path: '/v1/jobs/{id}/status',
    name: 'getJobStatus',
    tag: TAG,
    summary: 'How far a job is, and nothing else: for those who ask often.',
    scope: 'viewer',
    params: jobParams,
    answers: {
      200: { description: 'How far it is.', schema: progressSchema, headers: ETAG },
      304: { description: 'Nothing has changed.' },
    },
    handle: async ({ params: { id }, principal, request }) => {
      const job = await resources.jobReader.read(id, reachOf(principal));
      if (job === undefined) throw noSuchJob(id);
      return unlessKnown(job, request, async () => progressDocument(job));
    },
  }),
];

async function list(
  { pool }: Resources,
  query: z.output<typeof listQuery>,
  principal: Principal,
): Promise<Reply> {
  const { limit, cursor, status, pipeline, label, owner: wanted } = query;
  const reach = reachOf(principal);
  // Somebody else's are none, for whoever may not see them.
  const owner = reach ?? wanted ?? null;
  if (reach !== null && wanted !== undefined && wanted !== reach)
    return { body: { data: [], next_cursor: null } };
  const after = cursorOf(cursor, z.int().min(0));
  const filter = {
    owner,
    ...(status !== undefined && { statuses: status }),
    ...(pipeline !== undefined && { pipeline }),
    ...(label !== undefined && { label }),
    ...(query.created_after !== undefined && { createdAfter: Date.parse(query.created_after) }),
    ...(query.created_before !== undefined && { createdBefore: Date.parse(query.created_before) }),
  };
  const { jobs, next } = await listJobs(pool, filter, { limit, ...(after !== undefined && { after }) });
  return {
    body: {
      data: jobs.map((job) => jobDocument(job)),
      next_cursor: next === undefined ? null : cursorText(next),
    },
  };
}

/** 304 without a body when the client has this state of the job already. */
async function unlessKnown(job: Job, request: Request, body: () => Promise<object>): Promise<Reply> {
  const etag = `W/"${job.revision}"`;
  const headers = { etag, ...(!hasEnded(job.status) && { 'retry-after': '2' }) };
  const known = (request.get('if-none-match') ?? '').split(',').map((one) => one.trim());
  return known.includes(etag) ? { status: 304, headers } : { body: await body(), headers };
}
