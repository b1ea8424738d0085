/** What operators say about a provider's gate. Written by commands alone; a gate reads it back when Redis forgot it. */
import type { Client } from './dead-letters.ts';
import type { Pool } from './pool.ts';

export interface ProviderOrders {
  /** Epoch milliseconds: closed by hand until then; 0 = not held. */
  readonly heldUntil: number;
  readonly heldReason: string;
  /** `10/s` instead of the configured rate; empty = as configured. */
  readonly rate: string;
}

const NO_ORDERS: ProviderOrders = { heldUntil: 0, heldReason: '', rate: '' };

export interface OrderColumns {
  readonly held_until: Date | null;
  readonly held_reason: string | null;
  readonly set_rate: string | null;
}

export const ordersOf = (row: OrderColumns): ProviderOrders => ({
  heldUntil: row.held_until?.getTime() ?? 0,
  heldReason: row.held_reason ?? '',
  rate: row.set_rate ?? '',
});

/** Locked until the transaction ends, so that of two commands at a time the second one sees what the first one said. */
export async function findOrders(client: Client, provider: string): Promise<ProviderOrders> {
  const { rows } = await client.query<OrderColumns>(
    'select held_until, held_reason, set_rate from provider_state where provider = $1 for update',
    [provider],
  );
  return rows[0] === undefined ? NO_ORDERS : ordersOf(rows[0]);
}

/** Replaces all that was said before. */
export async function saveOrders(
  client: Client | Pool,
  provider: string,
  { heldUntil, heldReason, rate }: ProviderOrders,
): Promise<void> {
  await client.query(
    `insert into provider_state (provider, held_until, held_reason, set_rate) values ($1, $2, nullif($3, ''), nullif($4, ''))
     on conflict (provider) do update set
       held_until = excluded.held_until, held_reason = excluded.held_reason, set_rate = excluded.set_rate`,
    [provider, heldUntil === 0 ? null : new Date(heldUntil), heldReason, rate],
  );
}
