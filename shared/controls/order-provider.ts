/**
 * Orders to the gate of a provider. Each is written to Postgres with its audit entry and then told to the gate in Redis;
 * every worker obeys from its next claim on, five seconds later at most. A gate that Redis forgets reads it back.
 */
import { insertAuditEntry } from '../postgres/audit-log.ts';
import { withTransaction } from '../postgres/pool.ts';
import { findOrders, type ProviderOrders, saveOrders } from '../postgres/provider-orders.ts';
import { writeOrders } from '../redis/gate-orders.ts';
import { UNTIL_RESUMED } from '../redis/gate-slot.ts';
import type { Fields } from '../task/fields.ts';
import { type Controls, ServersUnavailable } from './controls.ts';

export interface Ordered {
  readonly before: ProviderOrders;
  readonly after: ProviderOrders;
}

/** Nobody asks this provider until then (epoch milliseconds), or until `releaseProvider`. */
export const holdProvider = (
  controls: Controls,
  provider: string,
  { until, reason }: { readonly until: number; readonly reason: string },
): Promise<Ordered> =>
  order(controls, provider, 'provider.pause', (before) => ({
    ...before,
    heldUntil: until,
    heldReason: reason,
  }));

/** Takes back what `holdProvider` said. What the provider itself asked for (a Retry-After, a quota) stays in force. */
export const releaseProvider = (controls: Controls, provider: string): Promise<Ordered> =>
  order(controls, provider, 'provider.resume', (before) => ({ ...before, heldUntil: 0, heldReason: '' }));

/** @param rate `10/s`, `30/30s`; empty = as configured. It is what all workers together never exceed. */
export const setProviderRate = (controls: Controls, provider: string, rate: string): Promise<Ordered> =>
  order(controls, provider, 'provider.set_rate', (before) => ({ ...before, rate }));

async function order(
  { pool, redis, actor }: Controls,
  provider: string,
  action: string,
  change: (before: ProviderOrders) => ProviderOrders,
): Promise<Ordered> {
  const ordered = await withTransaction(pool, async (client) => {
    const before = await findOrders(client, provider);
    const after = change(before);
    await saveOrders(client, provider, after);
    const detail = { before: detailOf(before), after: detailOf(after) };
    await insertAuditEntry(client, { actor, action, target: provider, detail });
    return { before, after };
  });
  try {
    await writeOrders(redis, provider, ordered.after);
  } catch (error) {
    const message = `it is written down, but Redis did not take it, so workers do not know yet: say it again`;
    throw new ServersUnavailable(message, { cause: error });
  }
  return ordered;
}

/** Times as ISO 8601; a hold without an end says `resumed`. */
const detailOf = ({ heldUntil, heldReason, rate }: ProviderOrders): Fields => ({
  held_until:
    heldUntil === UNTIL_RESUMED ? 'resumed' : heldUntil === 0 ? null : new Date(heldUntil).toISOString(),
  reason: heldReason,
  rate,
});
