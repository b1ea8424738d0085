/**
 * What operators say about a gate, in its hash beside what the gate learns by itself. Only commands write it, and they
 * write it to Postgres first; every worker obeys from its next claim on.
 */
import { parseRate } from '../runtime/environment.ts';
import { gridOf } from './gate-grid.ts';
import type { GateOrders } from './gate-slot.ts';
import { gateChannel, providerKeys } from './keys.ts';
import type { Redis } from './redis-client.ts';

/** Fields of the hash, in the order in which RESTORE takes them. Nothing said = 0 or empty. */
export function orderFields(orders: GateOrders | undefined): readonly (string | number)[] {
  if (orders === undefined) return [0, '', 0, 0, 0, ''];
  const { heldUntil, heldReason, rate } = orders;
  const grid = rate === '' ? { spacingUs: 0, count: 0, windowUs: 0 } : gridOf(parseRate(rate));
  return [heldUntil * 1_000, heldReason, grid.spacingUs, grid.count, grid.windowUs, rate];
}

/** Replaces all that was said before. Rejects when Redis does not take it. */
export async function writeOrders(
  redis: Redis,
  provider: string,
  orders: GateOrders,
  prefix?: string,
): Promise<void> {
  const [held = 0, reason = '', spacing = 0, count = 0, window = 0, rate = ''] = orderFields(orders);
  await redis
    .multi()
    .hset(providerKeys(provider, prefix).gate, {
      held,
      held_reason: reason,
      set_spacing: spacing,
      set_count: count,
      set_window: window,
      set_rate: rate,
    })
    .publish(gateChannel(prefix), provider)
    .exec();
}
