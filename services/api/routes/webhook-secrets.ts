import { z } from 'zod';
import type { Principal } from '../../../shared/access/api-key.ts';
import { ensureCallbackEndpoint, rotateSecret } from '../../../shared/postgres/webhooks/endpoints.ts';
import { makeSecret } from '../../../shared/webhooks/signature.ts';
import { type Reply, type Route, route } from '../http/route.ts';
import { actorOf, reachOf, type Resources } from '../resources.ts';
import {
  audit,
  found,
  webhookDocument,
  webhookParams,
  WEBHOOKS,
  webhookWithSecretSchema,
} from './webhook.ts';

const DAY_SECONDS = 86_400;

const rotation = z
  .strictObject({
    overlap_s: z
      .int()
      .min(0)
      .max(30 * DAY_SECONDS)
      .default(DAY_SECONDS)
      .describe('The old secret signs as well for so many seconds.'),
  })
  .default({ overlap_s: DAY_SECONDS });

const answers = { 200: { description: 'The new secret.', schema: webhookWithSecretSchema } };

export const webhookSecretRoutes = (resources: Resources): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/webhooks/{id}/rotate-secret',
    name: 'rotateWebhookSecret',
    tag: WEBHOOKS,
    summary: 'Change the secret, with a time in which both sign.',
    scope: 'operator',
    params: webhookParams,
    body: rotation,
    answers,
    handle: ({ params: { id }, body, principal }) => rotate(resources, { id, ...body }, principal),
  }),
  route({
    method: 'post',
    path: '/v1/webhooks/callbacks/rotate-secret',
    name: 'rotateCallbackSecret',
    tag: WEBHOOKS,
    summary: "Get a secret for the callback URLs of the owner's jobs, or change it.",
    scope: 'operator',
    body: rotation,
    answers,
    handle: async ({ body, principal }) => {
      const { owner } = principal;
      const wish = { owner, secret: makeSecret(), createdBy: actorOf(principal) };
      const { endpointId } = await ensureCallbackEndpoint(resources.pool, wish);
      return rotate(resources, { id: endpointId, ...body }, principal);
    },
  }),
];

async function rotate(
  resources: Resources,
  { id, overlap_s: overlapSeconds }: { readonly id: string; readonly overlap_s: number },
  principal: Principal,
): Promise<Reply> {
  const secret = makeSecret();
  const on = { endpointId: id, owner: reachOf(principal) };
  const document = webhookDocument(
    found(await rotateSecret(resources.pool, on, { secret, overlapSeconds }), id),
  );
  await audit(resources, principal, { action: 'webhook.rotate', target: id });
  return { body: { ...document, secret } };
}
