import { z } from 'zod';
import type { Principal } from '../../../shared/access/api-key.ts';
import { insertAuditEntry } from '../../../shared/postgres/audit-log.ts';
import { withTransaction } from '../../../shared/postgres/pool.ts';
import {
  changeEndpoint,
  deleteEndpoint,
  findEndpoint,
  insertEndpoint,
  listEndpoints,
} from '../../../shared/postgres/webhooks/endpoints.ts';
import { DEFAULT_EVENT_TYPES, JOB_EVENT_TYPES } from '../../../shared/task/job-event-types.ts';
import { makeSecret } from '../../../shared/webhooks/signature.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Reply, type Route, route } from '../http/route.ts';
import { webhookTarget } from '../http/webhook-target.ts';
import { actorOf, reachOf, type Resources } from '../resources.ts';
import {
  audit,
  found,
  webhookDocument,
  webhookParams,
  WEBHOOKS,
  webhookSchema,
  webhookWithSecretSchema,
} from './webhook.ts';

const url = z.string().max(2_000).describe('HTTPS on port 443 or 8443, on a public address.');
const events = z.array(z.enum(JOB_EVENT_TYPES)).min(1).max(JOB_EVENT_TYPES.length);
const description = z.string().max(200);

const newWebhook = z.strictObject({
  url,
  events: events.default([...DEFAULT_EVENT_TYPES]).describe('Default: all but `job.progress`.'),
  description: description.default(''),
});

/** Of one owner. */
const MOST = 20;

export const webhookRoutes = (resources: Resources): readonly Route[] => [
  createRoute(resources),
  ...readRoutes(resources),
  ...changeRoutes(resources),
];

const createRoute = (resources: Resources): Route =>
  route({
    method: 'post',
    path: '/v1/webhooks',
    name: 'createWebhook',
    tag: WEBHOOKS,
    summary: 'Be told of all jobs of the owner.',
    description:
      'Messages are signed after the Standard Webhooks specification: check them with its libraries and the secret of this answer. Any 2xx within 15 s is a success; else it is tried again over three days, under the same `webhook-id`. A message may arrive twice, and in another order than things happened.',
    scope: 'operator',
    body: newWebhook,
    problems: ['conflict'],
    answers: {
      201: {
        description: 'It is told from now on.',
        schema: webhookWithSecretSchema,
        headers: { Location: 'Its address.' },
      },
    },
    handle: ({ body, principal }) => create(resources, body, principal),
  });

const readRoutes = ({ pool }: Resources): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/webhooks',
    name: 'listWebhooks',
    tag: WEBHOOKS,
    summary: 'Who is told.',
    scope: 'viewer',
    answers: {
      200: {
        description: 'All of them.',
        schema: z.object({ data: z.array(webhookSchema) }).meta({ id: 'WebhookList' }),
      },
    },
    handle: async ({ principal }) => ({
      body: { data: (await listEndpoints(pool, reachOf(principal))).map(webhookDocument) },
    }),
  }),
  route({
    method: 'get',
    path: '/v1/webhooks/{id}',
    name: 'getWebhook',
    tag: WEBHOOKS,
    summary: 'One of them, and how it does.',
    scope: 'viewer',
    params: webhookParams,
    answers: { 200: { description: 'The webhook.', schema: webhookSchema } },
    handle: async ({ params: { id }, principal }) => ({
      body: webhookDocument(found(await findEndpoint(pool, id, reachOf(principal)), id)),
    }),
  }),
];

const changeRoutes = (resources: Resources): readonly Route[] => [
  route({
    method: 'put',
    path: '/v1/webhooks/{id}',
    name: 'changeWebhook',
    tag: WEBHOOKS,
    summary: 'Change where and what is told, disable or enable it.',
    description: 'What waited while it was disabled is told once it is enabled, up to 30 days later.',
    scope: 'operator',
    params: webhookParams,
    body: newWebhook.extend({ enabled: z.boolean().default(true) }),
    answers: { 200: { description: 'As it is now.', schema: webhookSchema } },
    handle: async ({ params: { id }, body, principal }) => {
      const target = webhookTarget(resources.webhookTargets, '/url', body.url);
      const { enabled: isEnabled, ...rest } = body;
      const on = { endpointId: id, owner: reachOf(principal) };
      const changed = await changeEndpoint(resources.pool, on, { ...rest, url: target, isEnabled });
      const document = webhookDocument(found(changed, id));
      await audit(resources, principal, { action: 'webhook.change', target: id });
      return { body: document };
    },
  }),
  route({
    method: 'delete',
    path: '/v1/webhooks/{id}',
    name: 'deleteWebhook',
    tag: WEBHOOKS,
    summary: 'Tell nothing there any more, and forget its deliveries.',
    scope: 'operator',
    params: webhookParams,
    answers: { 204: { description: 'It is gone.' } },
    handle: async ({ params: { id }, principal }) => {
      if (!(await deleteEndpoint(resources.pool, id, reachOf(principal)))) found(undefined, id);
      await audit(resources, principal, { action: 'webhook.delete', target: id });
      return { status: 204 };
    },
  }),
];

async function create(
  resources: Resources,
  wish: z.output<typeof newWebhook>,
  principal: Principal,
): Promise<Reply> {
  const target = webhookTarget(resources.webhookTargets, '/url', wish.url);
  const secret = makeSecret();
  const { owner } = principal;
  const createdBy = actorOf(principal);
  const made = await withTransaction(resources.pool, async (client) => {
    const endpoint = await insertEndpoint(client, { ...wish, url: target, owner, secret, createdBy }, MOST);
    if (endpoint !== undefined) {
      const entry = { actor: createdBy, action: 'webhook.create', target: endpoint.endpointId };
      await insertAuditEntry(client, { ...entry, detail: { owner, events: [...wish.events] } });
    }
    return endpoint;
  });
  if (made === undefined) throw new HttpProblem('conflict', `an owner has at most ${MOST} webhooks`);
  const document = { ...webhookDocument(made), secret };
  return { status: 201, body: document, headers: { location: `/v1/webhooks/${made.endpointId}` } };
}
