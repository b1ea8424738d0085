/** What every route about webhooks shares: how one is shown, addressed, missed, and who changed it. */
import { z } from 'zod';
import type { Principal } from '../../../shared/access/api-key.ts';
import { insertAuditEntry } from '../../../shared/postgres/audit-log.ts';
import type { WebhookEndpoint } from '../../../shared/postgres/webhooks/endpoints.ts';
import { HttpProblem } from '../http/problem.ts';
import { actorOf, type Resources } from '../resources.ts';

export const WEBHOOKS = 'webhooks';

export const webhookParams = z.object({ id: z.uuid() });

export const webhookSchema = z
  .object({
    id: z.uuid(),
    owner: z.string(),
    url: z.string().nullable().describe("Null = the callback URLs of the owner's jobs."),
    description: z.string(),
    events: z.array(z.string()),
    enabled: z.boolean(),
    disabled_reason: z.string().nullable(),
    failing_since: z.iso.datetime().nullable().describe('First failure since the latest success.'),
    previous_secret_until: z.iso.datetime().nullable().describe('Until then both secrets sign.'),
    created_at: z.iso.datetime(),
    created_by: z.string(),
  })
  .meta({ id: 'Webhook' });

export const webhookWithSecretSchema = webhookSchema
  .extend({ secret: z.string().describe('`whsec_…`, said now and never again.') })
  .meta({ id: 'WebhookWithSecret' });

const isoOf = (date: Date | null): string | null => date?.toISOString() ?? null;

export const webhookDocument = (endpoint: WebhookEndpoint): z.input<typeof webhookSchema> => ({
  id: endpoint.endpointId,
  owner: endpoint.owner,
  url: endpoint.url,
  description: endpoint.description,
  events: [...endpoint.events],
  enabled: endpoint.isEnabled,
  disabled_reason: endpoint.disabledReason,
  failing_since: isoOf(endpoint.failingSince),
  previous_secret_until: isoOf(endpoint.previousUntil),
  created_at: endpoint.createdAt.toISOString(),
  created_by: endpoint.createdBy,
});

/** Throws `not_found`, also for what is somebody else's. */
export function found<T>(thing: T | undefined, id: string): T {
  if (thing === undefined)
    throw new HttpProblem('not_found', `no webhook '${id}' that this can be done with`);
  return thing;
}

export const audit = (
  { pool }: Resources,
  principal: Principal,
  entry: { readonly action: string; readonly target: string },
): Promise<void> => insertAuditEntry(pool, { ...entry, actor: actorOf(principal), detail: {} });
