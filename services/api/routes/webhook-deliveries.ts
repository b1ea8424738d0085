import { z } from 'zod';
import {
  DELIVERY_STATUSES,
  findDelivery,
  listDeliveries,
  queueTestDelivery,
  sendAgain,
  type WebhookDelivery,
} from '../../../shared/postgres/webhooks/deliveries.ts';
import { cursorOf, cursorText, pageQuery } from '../http/cursor.ts';
import { type Route, route } from '../http/route.ts';
import { reachOf, type Resources } from '../resources.ts';
import { found, webhookParams, WEBHOOKS } from './webhook.ts';

const deliverySchema = z
  .object({
    id: z.uuid().describe('The `webhook-id` of the message.'),
    owner: z.string(),
    webhook_id: z.uuid().nullable().describe('Null = to the callback URL of its job.'),
    url: z.string().nullable().describe('The callback URL.'),
    job_id: z.uuid().nullable(),
    type: z.string(),
    data: z.record(z.string(), z.unknown()),
    status: z.enum(DELIVERY_STATUSES),
    attempts: z.int(),
    tries: z
      .array(
        z.object({
          at: z.iso.datetime(),
          status: z.int().nullable(),
          error: z.string().nullable(),
          ms: z.int(),
        }),
      )
      .describe('The latest 20, the oldest first.'),
    next_try_at: z.iso.datetime().nullable(),
    created_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'WebhookDelivery' });

const cursorSchema = z.int().positive();

export const webhookDeliveryRoutes = (resources: Resources): readonly Route[] => [
  listRoute(resources),
  ...sendRoutes(resources),
];

const listRoute = ({ pool }: Resources): Route =>
  route({
    method: 'get',
    path: '/v1/webhooks/deliveries',
    name: 'listWebhookDeliveries',
    tag: WEBHOOKS,
    summary: 'What was told, what waits, and what came of each try.',
    description: 'Kept for 30 days.',
    scope: 'viewer',
    query: z.strictObject({
      ...pageQuery,
      webhook_id: z.uuid().optional(),
      job_id: z.uuid().optional(),
      status: z.enum(DELIVERY_STATUSES).optional(),
    }),
    answers: {
      200: {
        description: 'The newest first.',
        schema: z
          .object({ data: z.array(deliverySchema), next_cursor: z.string().nullable() })
          .meta({ id: 'WebhookDeliveryPage' }),
      },
    },
    handle: async ({
      query: { limit, cursor, webhook_id: endpointId, job_id: jobId, status },
      principal,
    }) => {
      const before = cursorOf(cursor, cursorSchema);
      const filter = {
        owner: reachOf(principal),
        ...(endpointId !== undefined && { endpointId }),
        ...(jobId !== undefined && { jobId }),
        ...(status !== undefined && { status }),
      };
      const page = { limit: limit + 1, ...(before !== undefined && { before }) };
      const rows = await listDeliveries(pool, filter, page);
      const shown = rows.slice(0, limit);
      const last = rows.length > limit ? shown.at(-1) : undefined;
      return {
        body: {
          data: shown.map(deliveryDocument),
          next_cursor: last === undefined ? null : cursorText(last.id),
        },
      };
    },
  });

const sendRoutes = ({ pool }: Resources): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/webhooks/deliveries/{id}',
    name: 'getWebhookDelivery',
    tag: WEBHOOKS,
    summary: 'One message with its tries.',
    scope: 'viewer',
    params: webhookParams,
    answers: { 200: { description: 'The delivery.', schema: deliverySchema } },
    handle: async ({ params: { id }, principal }) => ({
      body: deliveryDocument(found(await findDelivery(pool, id, reachOf(principal)), id)),
    }),
  }),
  route({
    method: 'post',
    path: '/v1/webhooks/deliveries/{id}/resend',
    name: 'resendWebhookDelivery',
    tag: WEBHOOKS,
    summary: 'Send a message again, under the same webhook-id.',
    scope: 'operator',
    params: webhookParams,
    answers: { 202: { description: 'It is due now.', schema: deliverySchema } },
    handle: async ({ params: { id }, principal }) => ({
      status: 202,
      body: deliveryDocument(found(await sendAgain(pool, id, reachOf(principal)), id)),
    }),
  }),
  route({
    method: 'post',
    path: '/v1/webhooks/{id}/test',
    name: 'testWebhook',
    tag: WEBHOOKS,
    summary: 'Send `webhook.test` there, signed like any other message.',
    scope: 'operator',
    params: webhookParams,
    answers: { 202: { description: 'It is due now: watch the delivery.', schema: deliverySchema } },
    handle: async ({ params: { id }, principal }) => ({
      status: 202,
      body: deliveryDocument(found(await queueTestDelivery(pool, id, reachOf(principal)), id)),
    }),
  }),
];

const deliveryDocument = (delivery: WebhookDelivery): z.input<typeof deliverySchema> => ({
  id: delivery.deliveryId,
  owner: delivery.owner,
  webhook_id: delivery.endpointId,
  url: delivery.url,
  job_id: delivery.jobId,
  type: delivery.type,
  data: { ...delivery.payload },
  status: delivery.status,
  attempts: delivery.attempts,
  tries: [...delivery.tries],
  next_try_at: delivery.status === 'pending' ? delivery.nextAt.toISOString() : null,
  created_at: delivery.createdAt.toISOString(),
  ended_at: delivery.endedAt?.toISOString() ?? null,
});
