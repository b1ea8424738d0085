/**
 * Sending is shared by all replicas: whoever claims a delivery sends it and says what came of it. One that goes without a
 * word loses its claim, and the delivery is sent again under the same id: at least once, never not at all.
 */
import type { Client } from '../dead-letters.ts';
import { textOfJson } from '../storable-json.ts';
import type { DeliveryTry } from './deliveries.ts';

/** Longer than waiting for one's turn at a slow endpoint and the try itself together. */
const CLAIM_SECONDS = 60;
/** What is due is looked at this far: enough for many endpoints, and no more work the longer the queue of one is. */
const WINDOW = 1_000;

export interface ClaimedDelivery {
  readonly deliveryId: string;
  readonly claim: string;
  readonly owner: string;
  readonly endpointId: string | null;
  readonly target: string;
  readonly url: string;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly attempts: number;
  readonly createdAt: Date;
}

export interface ClaimRequest {
  /** Unique to this call. */
  readonly claim: string;
  readonly limit: number;
  /** Of one target. */
  readonly perTarget: number;
  /** These get nothing: they have enough to do. */
  readonly busy: readonly string[];
}

/** What is due, the longest first. Deliveries of disabled endpoints stay where they are. */
export async function claimDeliveries(
  client: Client,
  { claim, limit, perTarget, busy }: ClaimRequest,
): Promise<readonly ClaimedDelivery[]> {
  const { rows } = await client.query<ClaimedDelivery>(
    `with due as (
       select delivery_id, target, next_at from webhook_deliveries
       where status = 'pending' and next_at <= now() and (claimed_until is null or claimed_until < now())
         and target <> all ($4::text[])
         and (endpoint_id is null or endpoint_id in (select endpoint_id from webhook_endpoints where is_enabled))
       order by next_at limit ${WINDOW}
     ), fair as (
       select delivery_id, next_at, row_number() over (partition by target order by next_at) as place from due
     ), picked as (
       select delivery_id from webhook_deliveries
       where delivery_id in (select delivery_id from fair where place <= $3 order by next_at limit $2)
         and status = 'pending' and (claimed_until is null or claimed_until < now())
       for update skip locked
     )
     update webhook_deliveries as delivery
     set claim = $1, claimed_until = now() + make_interval(secs => ${CLAIM_SECONDS})
     from picked
     where delivery.delivery_id = picked.delivery_id
     returning delivery.delivery_id as "deliveryId", delivery.claim, delivery.owner,
       delivery.endpoint_id as "endpointId", delivery.target, delivery.type, delivery.payload, delivery.attempts,
       delivery.created_at as "createdAt",
       coalesce(delivery.url, (select url from webhook_endpoints as endpoint
         where endpoint.endpoint_id = delivery.endpoint_id)) as url`,
    [claim, limit, perTarget, busy],
  );
  return rows;
}

export type DeliveryEnd =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed' }
  /** Once more, after so long. */
  | { readonly kind: 'later'; readonly delayMs: number };

/** Writes down one try and gives the claim back. False = the claim was lost: somebody else sends it. */
export async function endTry(
  client: Client,
  { deliveryId, claim }: Pick<ClaimedDelivery, 'deliveryId' | 'claim'>,
  tried: DeliveryTry,
  end: DeliveryEnd,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update webhook_deliveries set attempts = attempts + 1, claim = null, claimed_until = null,
       tries = (case when jsonb_array_length(tries) >= 20 then tries - 0 else tries end) || $3::jsonb,
       status = case when $4 = 'later' then 'pending' else $4 end,
       ended_at = case when $4 = 'later' then null else now() end,
       next_at = now() + make_interval(secs => $5::float8 / 1000)
     where delivery_id = $1 and claim = $2`,
    [deliveryId, claim, textOfJson(tried), end.kind, end.kind === 'later' ? end.delayMs : 0],
  );
  return rowCount === 1;
}

/** Gives back what was not tried: a process that stops holds nothing. */
export async function releaseDelivery(
  client: Client,
  { deliveryId, claim }: Pick<ClaimedDelivery, 'deliveryId' | 'claim'>,
): Promise<void> {
  await client.query(
    'update webhook_deliveries set claim = null, claimed_until = null where delivery_id = $1 and claim = $2',
    [deliveryId, claim],
  );
}

export interface EndpointNews {
  readonly isHeard: boolean;
  /** Disable it, and why. */
  readonly isGone: boolean;
  /** Disable it if nothing was heard for so many hours. */
  readonly giveUpAfterHours: number | undefined;
}

/** What a try says of the endpoint. True = it is disabled with it. */
export async function noteEndpoint(
  client: Client,
  endpointId: string,
  { isHeard, isGone, giveUpAfterHours }: EndpointNews,
): Promise<boolean> {
  if (isHeard) {
    await client.query(
      'update webhook_endpoints set failing_since = null where endpoint_id = $1 and failing_since is not null',
      [endpointId],
    );
    return false;
  }
  const { rows } = await client.query<{ is_enabled: boolean }>(
    `update webhook_endpoints set failing_since = coalesce(failing_since, now()),
       is_enabled = not ($2 or coalesce(failing_since < now() - make_interval(hours => $3), false)),
       disabled_reason = case
         when $2 then 'it answered 410 Gone'
         when failing_since < now() - make_interval(hours => $3) then 'it answered nothing well for days' end
     where endpoint_id = $1 and is_enabled returning is_enabled`,
    [endpointId, isGone, giveUpAfterHours ?? null],
  );
  return rows[0]?.is_enabled === false;
}

/**
 * How far running jobs are, for those who asked for `job.progress`: at most once in so many seconds for each job and
 * endpoint, and only when something moved. Returns how many deliveries it made.
 */
export async function queueProgress(client: Client, everySeconds: number): Promise<number> {
  const { rowCount } = await client.query(
    `insert into webhook_deliveries (owner, endpoint_id, target, job_id, type, payload)
     select job.user_id, endpoint.endpoint_id, endpoint.endpoint_id::text, job.job_id, 'job.progress', ${PROGRESS}
     from webhook_endpoints as endpoint join background_jobs as job on job.user_id = endpoint.owner
     where endpoint.is_enabled and endpoint.url is not null and 'job.progress' = any (endpoint.events)
       and job.status = 'running' and job.deleted_at is null
       and not exists (
         select from webhook_deliveries as earlier
         where earlier.job_id = job.job_id and earlier.type = 'job.progress'
           and earlier.endpoint_id = endpoint.endpoint_id
           and (earlier.created_at > now() - make_interval(secs => $1)
             or (earlier.payload->>'settled')::bigint = job.processed_items + job.failed_items))
     limit 10000`,
    [everySeconds],
  );
  return rowCount ?? 0;
}

const PROGRESS = `jsonb_build_object('job_id', job.job_id, 'pipeline', job.job_type, 'label', job.label,
  'status', job.status, 'total', job.total_items, 'processed', job.processed_items, 'failed', job.failed_items,
  'settled', job.processed_items + job.failed_items, 'progress_percent', job.progress_percent)`;
