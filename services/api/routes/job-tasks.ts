import { z } from 'zod';
import {
  findTask,
  type JobTask,
  type JobTaskStatus,
  listTasks,
} from '../../../shared/postgres/jobs/find-tasks.ts';
import { OUTCOMES } from '../../../shared/task/result.ts';
import { cursorOf, cursorText, pageQuery } from '../http/cursor.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Route, route } from '../http/route.ts';
import { reachOf, type Resources } from '../resources.ts';
import { jobParams as params, loadJob } from './jobs.ts';

const TAG = 'jobs';
const TASK_STATUSES = ['waiting', 'fed', ...OUTCOMES] as const satisfies readonly JobTaskStatus[];

export const taskSchema = z
  .object({
    id: z.string(),
    job_id: z.uuid(),
    line: z.int().describe('In the submitted file, or the place among the records.'),
    entity_id: z.string(),
    status: z
      .enum(TASK_STATUSES)
      .describe('`waiting`: not in the broker yet; `fed`: in the broker or with a worker.'),
    record: z.record(z.string(), z.unknown()),
    extra: z.record(z.string(), z.unknown()),
    attempts: z.record(z.string(), z.number()).describe('Provider → counted tries.'),
    error: z.string().nullable(),
    timeline: z
      .array(
        z.object({
          at: z.iso.datetime(),
          event: z.string().describe('`look_up`, `cache_hit`, `retried`, `deferred`, `failed`, `skipped`, …'),
          provider: z.string().nullable(),
          detail: z.string().nullable(),
          error_class: z.string().nullable(),
        }),
      )
      .describe('What happened, oldest first; empty until it is settled.'),
    settled_at: z.iso.datetime().nullable(),
    links: z.object({ self: z.string(), job: z.string() }),
  })
  .meta({ id: 'Task' });

const taskPageSchema = z
  .object({ data: z.array(taskSchema), next_cursor: z.string().nullable() })
  .meta({ id: 'TaskPage' });

const listQuery = z.strictObject({
  ...pageQuery,
  status: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(TASK_STATUSES)).max(TASK_STATUSES.length))
    .optional()
    .describe('Comma-separated.'),
});

export const jobTaskRoutes = (resources: Resources): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/jobs/{id}/tasks',
    name: 'listTasks',
    tag: TAG,
    summary: 'The tasks of a job, in the order of the submission.',
    scope: 'viewer',
    params,
    query: listQuery,
    answers: { 200: { description: 'One page.', schema: taskPageSchema } },
    handle: async ({ params: { id }, query: { limit, cursor, status }, principal }) => {
      await loadJob(resources, id, principal);
      const after = cursorOf(cursor, z.int().min(0));
      const page = { limit, ...(after !== undefined && { after }) };
      const filter = { jobId: id, ...(status !== undefined && { statuses: status }) };
      const tasks = await listTasks(resources.pool, filter, page);
      const last = tasks.length < limit ? undefined : tasks.at(-1);
      return {
        body: {
          data: tasks.map(taskDocument),
          next_cursor: last === undefined ? null : cursorText(last.seq),
        },
      };
    },
  }),
  route({
    method: 'get',
    path: '/v1/tasks/{id}',
    name: 'getTask',
    tag: TAG,
    summary: 'One task of a job, with what happened to it.',
    scope: 'viewer',
    params: z.object({ id: z.string().max(200) }),
    answers: { 200: { description: 'The task.', schema: taskSchema } },
    handle: async ({ params: { id }, principal }) => {
      const task = await findTask(resources.pool, id, reachOf(principal));
      if (task === undefined) throw new HttpProblem('not_found', `no task '${id}'`);
      return { body: taskDocument(task) };
    },
  }),
];

export const taskDocument = (task: JobTask): z.input<typeof taskSchema> => ({
  id: task.taskId,
  job_id: task.jobId,
  line: task.line,
  entity_id: task.entityId,
  status: task.status,
  record: task.payload.entity,
  extra: task.payload.extra ?? {},
  attempts: { ...task.attempts },
  error: task.error ?? null,
  timeline: task.timeline.map(({ at, event, provider, detail, errorClass }) => ({
    at: new Date(at).toISOString(),
    event,
    provider: provider ?? null,
    detail: detail ?? null,
    error_class: errorClass ?? null,
  })),
  settled_at: task.settledAt === undefined ? null : new Date(task.settledAt).toISOString(),
  links: { self: `/v1/tasks/${task.taskId}`, job: `/v1/jobs/${task.jobId}` },
});
