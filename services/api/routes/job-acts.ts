import { z } from 'zod';
import { insertAuditEntry } from '../../../shared/postgres/audit-log.ts';
import {
  type Acted,
  type ActOn,
  cancelJob,
  deleteJob,
  pauseJob,
  resumeJob,
  retryFailed,
  setJobPriority,
} from '../../../shared/postgres/jobs/job-acts.ts';
import { hasEnded, type Job } from '../../../shared/postgres/jobs/job.ts';
import { HIGHEST_PRIORITY } from '../../../shared/task/task.ts';
import { announceJobs } from '../../../shared/redis/job-news.ts';
import type { Principal } from '../../../shared/access/api-key.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Reply, type Route, route } from '../http/route.ts';
import { jobDocument, jobSchema } from '../jobs/job-document.ts';
import { actorOf, reachOf, type Resources } from '../resources.ts';
import { jobParams as params } from './jobs.ts';

const TAG = 'jobs';
const priorityBody = z.strictObject({
  priority: z
    .int()
    .min(0)
    .max(HIGHEST_PRIORITY)
    .describe('Of what is not in the broker yet; the lane stays.'),
});

interface Order {
  readonly action: 'cancel' | 'pause' | 'resume' | 'retry' | 'priority' | 'delete';
  readonly run: (on: ActOn) => Promise<Acted | undefined>;
  /** Whether a job that did not change is as it was asked to be; else it is in no state for this. */
  readonly isFine: (job: Job) => boolean;
}

export const jobActRoutes = (resources: Resources): readonly Route[] => [
  ...plainOrders(resources.pool).map((order) => plainRoute(resources, order)),
  priorityRoute(resources),
  deleteRoute(resources),
];

type PlainOrder = Order & { readonly summary: string; readonly description: string };

const plainOrders = (pool: Resources['pool']): readonly PlainOrder[] => [
  {
    action: 'cancel',
    summary: 'Stop a job.',
    description:
      'Nothing more of it is fed; what is in the broker is settled as `cancelled`. It may be said again.',
    run: (on) => cancelJob(pool, on),
    isFine: ({ status }) => status === 'cancelling' || status === 'cancelled',
  },
  {
    action: 'pause',
    summary: 'Let a job rest.',
    description: 'What is in the broker goes on, nothing more is fed.',
    run: (on) => pauseJob(pool, on),
    isFine: ({ status }) => status === 'paused',
  },
  {
    action: 'resume',
    summary: 'Let a paused job go on.',
    description: 'One that is not paused goes on anyway.',
    run: (on) => resumeJob(pool, on),
    isFine: ({ status }) => status === 'queued' || status === 'running',
  },
  {
    action: 'retry',
    summary: 'Try the failed tasks of a job again.',
    description:
      'Its dead letters are replayed; its counts move as they are settled. Without failed ones nothing happens.',
    run: (on) => retryFailed(pool, on),
    isFine: (job) => job.isRetryRequested || job.counts.failed === 0,
  },
];

const plainRoute = (resources: Resources, { summary, description, ...order }: PlainOrder): Route =>
  route({
    method: 'post',
    path: `/v1/jobs/{id}/${order.action}`,
    name: `${order.action}Job`,
    tag: TAG,
    summary,
    description,
    scope: 'operator',
    params,
    answers: { 202: { description: 'The job as it is now.', schema: jobSchema } },
    problems: ['conflict'],
    handle: ({ params: { id }, principal }) => act(resources, order, id, principal),
  });

const priorityRoute = (resources: Resources): Route =>
  route({
    method: 'put',
    path: '/v1/jobs/{id}/priority',
    name: 'setJobPriority',
    tag: TAG,
    summary: 'Put a job before others, or behind them.',
    scope: 'operator',
    params,
    body: priorityBody,
    answers: { 202: { description: 'The job as it is now.', schema: jobSchema } },
    problems: ['conflict'],
    handle: ({ params: { id }, body: { priority }, principal }) => {
      const run = (on: ActOn): Promise<Acted | undefined> => setJobPriority(resources.pool, on, priority);
      const order: Order = { action: 'priority', run, isFine: (job) => job.priority === priority };
      return act(resources, order, id, principal);
    },
  });

const deleteRoute = (resources: Resources): Route =>
  route({
    method: 'delete',
    path: '/v1/jobs/{id}',
    name: 'deleteJob',
    tag: TAG,
    summary: 'Forget a job that has ended.',
    description: 'Results stay: they belong to the entities.',
    scope: 'operator',
    params,
    answers: { 204: { description: 'Nobody sees it any more.' } },
    problems: ['conflict'],
    handle: async ({ params: { id }, principal }) => {
      const run = (on: ActOn): Promise<Acted | undefined> => deleteJob(resources.pool, on);
      await act(
        resources,
        { action: 'delete', run, isFine: ({ status }) => hasEnded(status) },
        id,
        principal,
      );
      return { status: 204 };
    },
  });

async function act(
  { pool, redis }: Resources,
  order: Order,
  id: string,
  principal: Principal,
): Promise<Reply> {
  const acted = await order.run({ jobId: id, owner: reachOf(principal) });
  if (acted === undefined) throw new HttpProblem('not_found', `no job '${id}'`);
  const { job, isChanged } = acted;
  if (isChanged) {
    await announceJobs(redis, 'moved', [id]);
    if (order.action === 'cancel') await announceJobs(redis, 'stopped', [id]);
    const detail = { status: job.status, priority: job.priority };
    await insertAuditEntry(pool, {
      actor: actorOf(principal),
      action: `job.${order.action}`,
      target: id,
      detail,
    });
  } else if (!order.isFine(job)) {
    throw new HttpProblem('conflict', `the job is ${job.status}: ${order.action} is of no use now`);
  }
  return { status: 202, body: jobDocument(job) };
}
