/**
 * Tells what was written down to be told, each target at its own pace: one that is slow or away holds nobody up, and
 * enrichment knows nothing of it. Any number of processes may do it at once.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { Pool } from '../../shared/postgres/pool.ts';
import {
  type ClaimedDelivery,
  claimDeliveries,
  type DeliveryEnd,
  endTry,
  noteEndpoint,
  releaseDelivery,
} from '../../shared/postgres/webhooks/claim-deliveries.ts';
import { ensureCallbackEndpoint, secretsFor } from '../../shared/postgres/webhooks/endpoints.ts';
import type { Rate } from '../../shared/runtime/environment.ts';
import { createPaces, type Paces } from '../../shared/runtime/paces.ts';
import { postMessage, type PostOutcome } from '../../shared/webhooks/post-message.ts';
import { retryDelay } from '../../shared/webhooks/retry-delay.ts';
import { makeSecret, signatureHeaders } from '../../shared/webhooks/signature.ts';
import type { TargetPolicy } from '../../shared/webhooks/target-policy.ts';

export interface DeliverWebhooksDeps {
  readonly pool: Pool;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly stopping: AbortSignal;
  readonly policy: TargetPolicy;
  /** Of one target and process. */
  readonly rate: Rate;
}

const LOOK_MS = 500;
/** Tries under way in this process. */
const AT_ONCE = 50;
const AT_ONCE_PER_TARGET = 2;
const TIMEOUT_MS = 15_000;
/** Waiting for its turn behind the others of its target, the last of them is sent while its claim holds. */
const CLAIMS_PER_TARGET = 6;
/** Nothing heard for so long when the last try of a delivery has failed: the endpoint is gone. */
const GIVE_UP_AFTER_HOURS = 72;
/** Of a receiver that says that it wants nothing any more. */
const GONE = 410;

/** Until the process stops; what is being sent then is cut off and sent again by another. */
export async function deliverWebhooks(deps: DeliverWebhooksDeps): Promise<void> {
  const { log, stopping, rate } = deps;
  const paces = createPaces({ atOnce: AT_ONCE_PER_TARGET, rate });
  const running = new Map<Promise<void>, string>();
  let isFailing = false;
  // A count that begins with its first event hides this event.
  for (const outcome of ['delivered', 'retried', 'failed']) deps.metrics.of.webhookDeliveries(outcome).inc(0);
  while (!stopping.aborted) {
    try {
      for (const delivery of await claim(deps, [...running.values()])) {
        const sent = deliver(deps, delivery, paces).finally(() => running.delete(sent));
        running.set(sent, delivery.target);
      }
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.warn('webhooks cannot be delivered now', { error: (error as Error).message });
      isFailing = true;
    }
    await delay(LOOK_MS, undefined, { signal: stopping }).catch(() => undefined);
  }
  await Promise.all(running.keys());
}

function claim(
  { pool }: DeliverWebhooksDeps,
  targets: readonly string[],
): Promise<readonly ClaimedDelivery[]> {
  const limit = AT_ONCE - targets.length;
  if (limit <= 0) return Promise.resolve([]);
  const busy = [...new Set(targets)];
  return claimDeliveries(pool, { claim: randomUUID(), limit, perTarget: CLAIMS_PER_TARGET, busy });
}

/** Never rejects: a database that is away lets the claim lapse, and the delivery is sent again. */
async function deliver(deps: DeliverWebhooksDeps, delivery: ClaimedDelivery, paces: Paces): Promise<void> {
  const { pool, log, stopping } = deps;
  try {
    const secrets = await loadSecrets(pool, delivery);
    await paces.run(delivery.target, async () => {
      const began = new Date();
      const outcome = await send(deps, delivery, secrets);
      if (stopping.aborted && outcome.kind === 'unreached') await releaseDelivery(pool, delivery);
      else await settle(deps, delivery, { outcome, began });
    });
  } catch (error) {
    log.warn('what came of a webhook could not be written down', {
      delivery: delivery.deliveryId,
      error: (error as Error).message,
    });
  }
}

/** The secret of an owner's callbacks is made by the first of them. */
async function loadSecrets(pool: Pool, { owner, endpointId }: ClaimedDelivery): Promise<readonly string[]> {
  const secrets = await secretsFor(pool, owner, endpointId);
  if (secrets.length > 0 || endpointId !== null) return secrets;
  await ensureCallbackEndpoint(pool, { owner, secret: makeSecret(), createdBy: 'the first callback' });
  return secretsFor(pool, owner, null);
}

function send(
  { policy, stopping }: DeliverWebhooksDeps,
  { deliveryId: id, url, type, payload, createdAt }: ClaimedDelivery,
  secrets: readonly string[],
): Promise<PostOutcome> {
  const body = JSON.stringify({ type, timestamp: createdAt.toISOString(), data: payload });
  const headers = signatureHeaders({ id, at: Date.now(), body }, secrets);
  return postMessage({ url, headers, body, policy, timeoutMs: TIMEOUT_MS, signal: stopping });
}

interface Tried {
  readonly outcome: PostOutcome;
  readonly began: Date;
}

async function settle(
  { pool, metrics, log }: DeliverWebhooksDeps,
  delivery: ClaimedDelivery,
  { outcome, began }: Tried,
): Promise<void> {
  const end = endOf(delivery, outcome);
  const tried = {
    at: began.toISOString(),
    status: outcome.kind === 'answered' ? outcome.status : null,
    error: outcome.kind === 'answered' ? null : outcome.error,
    ms: Date.now() - began.getTime(),
  };
  if (!(await endTry(pool, delivery, tried, end))) return;
  metrics.of.webhookDeliveries(end.kind === 'later' ? 'retried' : end.kind).inc();
  const { endpointId } = delivery;
  if (endpointId === null) return;
  const isDisabled = await noteEndpoint(pool, endpointId, {
    isHeard: end.kind === 'delivered',
    isGone: tried.status === GONE,
    giveUpAfterHours: end.kind === 'failed' ? GIVE_UP_AFTER_HOURS : undefined,
  });
  if (isDisabled) log.warn('webhook endpoint is disabled', { endpoint: endpointId, status: tried.status });
}

/** A 2xx is the only success; a redirect is a failure like any other. What is not allowed will not be later. */
function endOf({ type, attempts }: ClaimedDelivery, outcome: PostOutcome): DeliveryEnd {
  if (outcome.kind === 'unreached') {
    if (outcome.isRefused) return { kind: 'failed' };
  } else {
    if (outcome.status >= 200 && outcome.status < 300) return { kind: 'delivered' };
    if (outcome.status === GONE) return { kind: 'failed' };
  }
  const askedMs = outcome.kind === 'answered' ? outcome.retryAfterMs : undefined;
  const delayMs = retryDelay(type, attempts + 1, askedMs === undefined ? {} : { askedMs });
  return delayMs === undefined ? { kind: 'failed' } : { kind: 'later', delayMs };
}
