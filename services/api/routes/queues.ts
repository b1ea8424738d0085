import { z } from 'zod';
import { pauseLane, resumeLane } from '../../../shared/controls/pause-lane.ts';
import { listQueueDepths } from '../../../shared/controls/queue-depths.ts';
import { listLanePauses, PAUSE_TARGETS } from '../../../shared/postgres/lane-pauses.ts';
import { UNTIL_RESUMED } from '../../../shared/redis/gate-slot.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Route, route } from '../http/route.ts';
import { actorOf, type Resources } from '../resources.ts';
import { pauseBody } from './pause.ts';

const TAG = 'queues';
const BROKER_WAIT_MS = 3_000;

const queueSchema = z
  .object({
    queue: z.string(),
    stage: z.enum(['entry', 'provider', 'dead_letters', 'retry', 'quarantine']),
    pipeline: z.string().nullable(),
    provider: z.string().nullable(),
    lane: z.enum(['priority', 'backlog']).nullable(),
    messages: z
      .int()
      .nullable()
      .describe('Without those that a worker holds; null = there is no such queue.'),
    consumers: z.int().nullable(),
  })
  .meta({ id: 'Queue' });

const queueListSchema = z.object({ queues: z.array(queueSchema) }).meta({ id: 'QueueList' });

const laneSchema = z
  .object({ target: z.enum(PAUSE_TARGETS), is_paused: z.boolean(), until: z.iso.datetime().nullable() })
  .meta({ id: 'Lane' });

const params = z.object({
  target: z.enum(PAUSE_TARGETS).describe('A lane, or `intake`: the entry stages of both lanes.'),
});

export const queueRoutes = (resources: Resources): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/queues',
    name: 'listQueues',
    tag: TAG,
    summary: 'What waits where.',
    scope: 'viewer',
    answers: { 200: { description: 'Every queue.', schema: queueListSchema } },
    handle: async ({ signal }) => ({ body: { queues: await depths(resources, signal) } }),
  }),
  route({
    method: 'post',
    path: '/v1/lanes/{target}/pause',
    name: 'pauseLane',
    tag: TAG,
    summary: 'Let workers take nothing new from a lane.',
    description: 'What they hold is finished; messages wait in the broker.',
    scope: 'admin',
    params,
    body: pauseBody,
    answers: { 200: { description: 'It is paused within 5 s.', schema: laneSchema } },
    handle: async ({ params: { target }, body, principal }) => {
      const until = body.for_s === undefined ? UNTIL_RESUMED : Date.now() + body.for_s * 1_000;
      const actor = actorOf(principal);
      await pauseLane({ pool: resources.pool, actor }, target, {
        until,
        reason: body.reason ?? `paused by ${actor}`,
      });
      return { body: await laneDocument(resources, target) };
    },
  }),
  route({
    method: 'post',
    path: '/v1/lanes/{target}/resume',
    name: 'resumeLane',
    tag: TAG,
    summary: 'Let a lane go on.',
    scope: 'admin',
    params,
    answers: { 200: { description: 'It goes on within 5 s.', schema: laneSchema } },
    handle: async ({ params: { target }, principal }) => {
      await resumeLane({ pool: resources.pool, actor: actorOf(principal) }, target);
      return { body: await laneDocument(resources, target) };
    },
  }),
];

async function depths(
  { consuming }: Resources,
  signal: AbortSignal,
): Promise<readonly z.input<typeof queueSchema>[]> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(BROKER_WAIT_MS)]);
  try {
    return (await listQueueDepths(consuming, inTime)).map((report) => ({
      queue: report.queue,
      stage: report.stage,
      pipeline: report.pipeline ?? null,
      provider: report.provider ?? null,
      lane: report.lane ?? null,
      messages: report.messages ?? null,
      consumers: report.consumers ?? null,
    }));
  } catch (error) {
    throw new HttpProblem('unavailable', 'RabbitMQ does not answer.', { retryAfter: 5, cause: error });
  }
}

async function laneDocument(
  { pool }: Resources,
  target: (typeof PAUSE_TARGETS)[number],
): Promise<z.input<typeof laneSchema>> {
  const pause = (await listLanePauses(pool)).find((one) => one.target === target);
  const isUntilResumed = pause === undefined || pause.until === UNTIL_RESUMED;
  return {
    target,
    is_paused: pause !== undefined,
    until: isUntilResumed ? null : new Date(pause.until).toISOString(),
  };
}
