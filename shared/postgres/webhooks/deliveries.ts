/** The delivery log: what is to be told to endpoints, and what came of it. `owner` null = whoever it belongs to. */
import type { Client } from '../dead-letters.ts';
import { textOfJson } from '../storable-json.ts';

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export interface DeliveryTry {
  /** ISO. */
  readonly at: string;
  /** HTTP status; null = no answer, `error` says why. */
  readonly status: number | null;
  readonly error: string | null;
  readonly ms: number;
}

export interface WebhookDelivery {
  /** The webhook-id. */
  readonly deliveryId: string;
  /** Rises with time: what lists are paged by. */
  readonly id: number;
  readonly owner: string;
  /** Null = to a callback URL of a job, which is `url`. */
  readonly endpointId: string | null;
  readonly url: string | null;
  readonly jobId: string | null;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly status: DeliveryStatus;
  /** When it is due; of the past when it has ended. */
  readonly nextAt: Date;
  readonly attempts: number;
  /** The latest 20, oldest first. */
  readonly tries: readonly DeliveryTry[];
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

const COLUMNS = `delivery_id as "deliveryId", id::float8 as id, owner, endpoint_id as "endpointId", url, job_id as "jobId",
  type, payload, status, next_at as "nextAt", attempts, tries, created_at as "createdAt", ended_at as "endedAt"`;

export interface DeliveryFilter {
  readonly owner: string | null;
  readonly endpointId?: string;
  readonly jobId?: string;
  readonly status?: DeliveryStatus;
}

/** The newest first; the next page begins before the `id` of the last one. */
export async function listDeliveries(
  client: Client,
  { owner, endpointId, jobId, status }: DeliveryFilter,
  { before, limit }: { readonly before?: number; readonly limit: number },
): Promise<readonly WebhookDelivery[]> {
  const { rows } = await client.query<WebhookDelivery>(
    `select ${COLUMNS} from webhook_deliveries
     where ($1::text is null or owner = $1) and ($2::uuid is null or endpoint_id = $2)
       and ($3::uuid is null or job_id = $3) and ($4::text is null or status = $4)
       and ($5::bigint is null or id < $5)
     order by webhook_deliveries.id desc limit $6`,
    [owner, endpointId ?? null, jobId ?? null, status ?? null, before ?? null, limit],
  );
  return rows;
}

export async function findDelivery(
  client: Client,
  deliveryId: string,
  owner: string | null,
): Promise<WebhookDelivery | undefined> {
  const { rows } = await client.query<WebhookDelivery>(
    `select ${COLUMNS} from webhook_deliveries where delivery_id = $1 and ($2::text is null or owner = $2)`,
    [deliveryId, owner],
  );
  return rows[0];
}

/** A message that only says that the endpoint is heard. Undefined = there is no such endpoint, or it is disabled. */
export async function queueTestDelivery(
  client: Client,
  endpointId: string,
  owner: string | null,
): Promise<WebhookDelivery | undefined> {
  const { rows } = await client.query<WebhookDelivery>(
    `insert into webhook_deliveries (owner, endpoint_id, target, type, payload)
     select owner, endpoint_id, endpoint_id::text, 'webhook.test', $3::jsonb from webhook_endpoints
     where endpoint_id = $1 and ($2::text is null or owner = $2) and url is not null and is_enabled
     returning ${COLUMNS}`,
    [endpointId, owner, textOfJson({ webhook: endpointId })],
  );
  return rows[0];
}

/** A new round of tries, at once, under the same webhook-id; one that is pending is due now. */
export async function sendAgain(
  client: Client,
  deliveryId: string,
  owner: string | null,
): Promise<WebhookDelivery | undefined> {
  const { rows } = await client.query<WebhookDelivery>(
    `update webhook_deliveries set next_at = now(), ended_at = null, status = 'pending',
       attempts = case when status = 'pending' then attempts else 0 end
     where delivery_id = $1 and ($2::text is null or owner = $2)
     returning ${COLUMNS}`,
    [deliveryId, owner],
  );
  return rows[0];
}

/** Forgets what was written so long ago and has ended; what still waits for a disabled endpoint goes as well. */
export async function forgetDeliveries(client: Client, afterDays: number): Promise<number> {
  const { rowCount } = await client.query(
    `delete from webhook_deliveries where delivery_id in (
       select delivery_id from webhook_deliveries where created_at < now() - make_interval(days => $1) limit 10000)`,
    [afterDays],
  );
  return rowCount ?? 0;
}
