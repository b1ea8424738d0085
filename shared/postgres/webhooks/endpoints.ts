/** Who wants to be told of jobs. `owner` null = whoever it belongs to. Secrets leave by `secretsFor` alone. */
import type { Client } from '../dead-letters.ts';

export interface WebhookEndpoint {
  readonly endpointId: string;
  readonly owner: string;
  /** Null = the callback URLs of the owner's jobs. */
  readonly url: string | null;
  readonly description: string;
  readonly events: readonly string[];
  readonly isEnabled: boolean;
  readonly disabledReason: string | null;
  /** First failure since the latest success. */
  readonly failingSince: Date | null;
  readonly previousUntil: Date | null;
  readonly createdAt: Date;
  readonly createdBy: string;
}

const COLUMNS = `endpoint_id as "endpointId", owner, url, description, events, is_enabled as "isEnabled",
  disabled_reason as "disabledReason", failing_since as "failingSince", previous_until as "previousUntil",
  created_at as "createdAt", created_by as "createdBy"`;

const MINE = `endpoint_id = $1 and ($2::text is null or owner = $2)`;

export interface NewEndpoint {
  readonly owner: string;
  readonly url: string;
  readonly description: string;
  readonly events: readonly string[];
  readonly secret: string;
  readonly createdBy: string;
}

/** Undefined = the owner has `most` already. */
export async function insertEndpoint(
  client: Client,
  { owner, url, description, events, secret, createdBy }: NewEndpoint,
  most: number,
): Promise<WebhookEndpoint | undefined> {
  const { rows } = await client.query<WebhookEndpoint>(
    `insert into webhook_endpoints (owner, url, description, events, secret, created_by)
     select $1, $2, $3, $4::text[], $5, $6
     where (select count(*) from webhook_endpoints where owner = $1 and url is not null) < $7
     returning ${COLUMNS}`,
    [owner, url, description, events, secret, createdBy, most],
  );
  return rows[0];
}

/** The one of the owner's callbacks; made with this secret if there is none. */
export async function ensureCallbackEndpoint(
  client: Client,
  { owner, secret, createdBy }: Pick<NewEndpoint, 'owner' | 'secret' | 'createdBy'>,
): Promise<WebhookEndpoint> {
  const { rows } = await client.query<WebhookEndpoint>(
    `insert into webhook_endpoints (owner, events, secret, created_by) values ($1, '{}', $2, $3)
     on conflict (owner) where url is null do update set owner = excluded.owner
     returning ${COLUMNS}`,
    [owner, secret, createdBy],
  );
  const [endpoint] = rows;
  if (endpoint === undefined) throw new Error('the endpoint of callbacks was not written');
  return endpoint;
}

export async function findEndpoint(
  client: Client,
  endpointId: string,
  owner: string | null,
): Promise<WebhookEndpoint | undefined> {
  const { rows } = await client.query<WebhookEndpoint>(
    `select ${COLUMNS} from webhook_endpoints where ${MINE}`,
    [endpointId, owner],
  );
  return rows[0];
}

/** The oldest first; at most 1,000. */
export async function listEndpoints(
  client: Client,
  owner: string | null,
): Promise<readonly WebhookEndpoint[]> {
  const { rows } = await client.query<WebhookEndpoint>(
    `select ${COLUMNS} from webhook_endpoints where $1::text is null or owner = $1
     order by created_at, endpoint_id limit 1000`,
    [owner],
  );
  return rows;
}

export interface EndpointChange {
  readonly url: string;
  readonly description: string;
  readonly events: readonly string[];
  readonly isEnabled: boolean;
}

/** What waited for a disabled endpoint goes on when it is enabled. Callbacks have no URL and are not changed. */
export async function changeEndpoint(
  client: Client,
  { endpointId, owner }: { readonly endpointId: string; readonly owner: string | null },
  { url, description, events, isEnabled }: EndpointChange,
): Promise<WebhookEndpoint | undefined> {
  const { rows } = await client.query<WebhookEndpoint>(
    `update webhook_endpoints set url = $3, description = $4, events = $5::text[], is_enabled = $6,
       disabled_reason = case when $6 then null else coalesce(disabled_reason, 'by its owner') end,
       failing_since = case when $6 and not is_enabled then null else failing_since end
     where ${MINE} and url is not null returning ${COLUMNS}`,
    [endpointId, owner, url, description, events, isEnabled],
  );
  return rows[0];
}

/** The old secret signs as well for so many seconds. */
export async function rotateSecret(
  client: Client,
  { endpointId, owner }: { readonly endpointId: string; readonly owner: string | null },
  { secret, overlapSeconds }: { readonly secret: string; readonly overlapSeconds: number },
): Promise<WebhookEndpoint | undefined> {
  const { rows } = await client.query<WebhookEndpoint>(
    `update webhook_endpoints set previous_secret = secret, secret = $3,
       previous_until = now() + make_interval(secs => $4)
     where ${MINE} returning ${COLUMNS}`,
    [endpointId, owner, secret, overlapSeconds],
  );
  return rows[0];
}

/** With everything that was to be told there. False = there is none. */
export async function deleteEndpoint(
  client: Client,
  endpointId: string,
  owner: string | null,
): Promise<boolean> {
  const { rows } = await client.query(
    `with gone as (delete from webhook_endpoints where ${MINE} and url is not null returning endpoint_id),
       untold as (delete from webhook_deliveries where endpoint_id in (select endpoint_id from gone))
     select endpoint_id from gone`,
    [endpointId, owner],
  );
  return rows.length > 0;
}

/** The secrets that sign now, the current one first. Null as the endpoint = the owner's callbacks. Empty = none is there. */
export async function secretsFor(
  client: Client,
  owner: string,
  endpointId: string | null,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ secrets: readonly string[] }>(
    `select array_remove(array[secret, case when previous_until > now() then previous_secret end], null) as secrets
     from webhook_endpoints
     where owner = $1 and case when $2::uuid is null then url is null else endpoint_id = $2 end`,
    [owner, endpointId],
  );
  return rows[0]?.secrets ?? [];
}
