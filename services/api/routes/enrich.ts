import { z } from 'zod';
import type { Request } from 'express';
import { Columns } from '../../../shared/input/columns.ts';
import { createRecordReader } from '../../../shared/input/read-record.ts';
import { rowsOfRecords } from '../../../shared/jobs/submitted-rows.ts';
import { findResult } from '../../../shared/postgres/find-result.ts';
import { findJob } from '../../../shared/postgres/jobs/find-jobs.ts';
import { listTasks } from '../../../shared/postgres/jobs/find-tasks.ts';
import { hasEnded, type Job } from '../../../shared/postgres/jobs/job.ts';
import { HIGHEST_PRIORITY } from '../../../shared/task/task.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Reply, type Route, route } from '../http/route.ts';
import { jobDocument, jobSchema } from '../jobs/job-document.ts';
import { jobOptionsShape, readOptions, type ReadOptions } from '../jobs/job-options.ts';
import { submit } from '../jobs/submission.ts';
import type { JobWatch } from '../jobs/job-watch.ts';
import type { Resources } from '../resources.ts';
import { entitySchema } from './entities.ts';
import { taskDocument, taskSchema } from './job-tasks.ts';

const USUAL_WAIT_S = 10;
const LONGEST_WAIT_S = 30;

const { pipeline, providers, strategy, refresh } = jobOptionsShape;
const bodySchema = z.strictObject({
  pipeline,
  providers,
  strategy,
  refresh,
  record: z.record(z.string(), z.unknown()),
});

const enrichedSchema = z
  .object({
    task: taskSchema,
    result: entitySchema
      .nullable()
      .describe('What is known of the entity now; null when it was given up on.'),
    job: z.string().describe('Its job.'),
  })
  .meta({ id: 'EnrichedRecord' });

export const enrichRoutes = (resources: Resources): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/enrich',
    name: 'enrichRecord',
    tag: 'entities',
    summary: 'Enrich one record now.',
    description: `On the priority lane, before everything else. Waits for ${USUAL_WAIT_S} s, or as the header says; what takes
longer goes on as a job.`,
    scope: 'operator',
    body: bodySchema,
    headers: { Prefer: `\`wait=5\`: so many seconds, ${LONGEST_WAIT_S} at most; 0 = do not wait.` },
    answers: {
      200: {
        description: 'It is settled.',
        schema: enrichedSchema,
        headers: { 'Preference-Applied': 'How long it would have waited.' },
      },
      202: { description: 'It goes on as this job.', schema: jobSchema, headers: { Location: 'The job.' } },
    },
    problems: ['too_many_jobs', 'too_many_rows_waiting', 'backlog_full'],
    handle: async ({ body: { record, ...options }, principal, request, signal }) => {
      const read = readOptions(
        principal.owner,
        {},
        { ...options, lane: 'priority', priority: HIGHEST_PRIORITY, label: 'enrich' },
      );
      checkRecord(record, read);
      const waitS = waitIn(request);
      const rows = rowsOfRecords([record], read);
      const { job } = await submit(resources, { read, rows, principal, isForced: true, signal });
      await settled(
        resources.watch,
        job.jobId,
        AbortSignal.any([signal, AbortSignal.timeout(waitS * 1_000)]),
      );
      return replyFor(resources, job, read, waitS);
    },
  }),
];

/** Says what is wrong with the record itself, rather than that its job has failed. */
function checkRecord(
  record: Readonly<Record<string, unknown>>,
  { pipeline: { schema, idField, identityFields } }: ReadOptions,
): void {
  const read = createRecordReader({ schema, idField, identityFields }, new Columns())(record);
  if (!('problems' in read)) return;
  const faults = read.problems.map(({ field, reason }) => ({
    in: 'body' as const,
    pointer: `/record/${field.replaceAll('.', '/')}`,
    message: reason,
  }));
  const [first] = faults;
  throw new HttpProblem('invalid_body', `body ${first?.pointer ?? ''}: ${first?.message ?? ''}`, { faults });
}

function waitIn(request: Request): number {
  const [, seconds] = /(?:^|,)\s*wait\s*=\s*(\d{1,6})\s*(?:,|;|$)/.exec(request.get('prefer') ?? '') ?? [];
  return Math.min(LONGEST_WAIT_S, Number(seconds ?? USUAL_WAIT_S));
}

/** Resolves when the job has ended, or the signal says so. */
function settled(watch: JobWatch, jobId: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      remove();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const remove = watch.add({ jobId, after: -1, tell: () => undefined, end: done });
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}

async function replyFor(
  { pool }: Resources,
  { jobId, owner }: Job,
  { pipeline: { table } }: ReadOptions,
  waitS: number,
): Promise<Reply> {
  const job = await findJob(pool, jobId, owner);
  if (job === undefined) throw new HttpProblem('not_found', `job '${jobId}' was deleted meanwhile`);
  const document = jobDocument(job);
  const headers = { 'preference-applied': `wait=${waitS}` };
  const [task] = hasEnded(job.status) ? await listTasks(pool, { jobId }, { limit: 1 }) : [];
  if (task === undefined)
    return { status: 202, body: document, headers: { ...headers, location: document.links.self } };
  const result = (await findResult(pool, table, { owner, id: task.entityId })) ?? null;
  return { body: { task: taskDocument(task), result, job: document.links.self }, headers };
}
