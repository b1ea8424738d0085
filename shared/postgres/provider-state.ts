/** What outlives Redis of the gates: one row a provider. */
import type { Pool } from './pool.ts';
import { type OrderColumns, ordersOf, type ProviderOrders } from './provider-orders.ts';

export interface ProviderState {
  /** Epoch milliseconds; 0 = open. */
  readonly pausedUntil: number;
  readonly reason: string;
  /** Learned share of the rate, 0.1–1. */
  readonly factor: number;
  /** Days since the epoch, UTC. */
  readonly day: number;
  /** Requests of that day. */
  readonly used: number;
  /** What operators said; absent = nothing. Never saved with the rest. */
  readonly orders?: ProviderOrders;
}

const DAY_MS = 86_400_000;

interface Row extends OrderColumns {
  readonly paused_until: Date | null;
  readonly pause_reason: string | null;
  readonly learned_factor: number;
  readonly day: number;
  readonly requests_today: string;
}

/** Undefined when nothing is known of this provider. */
export async function findProviderState(pool: Pool, provider: string): Promise<ProviderState | undefined> {
  const { rows } = await pool.query<Row>(
    `select paused_until, pause_reason, learned_factor, budget_day - date '1970-01-01' as day, requests_today,
       held_until, held_reason, set_rate
     from provider_state where provider = $1`,
    [provider],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const isOrdered = row.held_until !== null || row.set_rate !== null;
  return {
    pausedUntil: row.paused_until?.getTime() ?? 0,
    reason: row.pause_reason ?? '',
    factor: row.learned_factor,
    day: row.day,
    used: Number(row.requests_today),
    ...(isOrdered && { orders: ordersOf(row) }),
  };
}

/** Every worker tells what it sees of the one gate; the count of a day never falls by it. */
export async function saveProviderState(pool: Pool, provider: string, state: ProviderState): Promise<void> {
  await pool.query(
    `insert into provider_state (provider, paused_until, pause_reason, learned_factor, budget_day, requests_today)
     values ($1, $2, $3, $4, date '1970-01-01' + $5::int, $6)
     on conflict (provider) do update set
       paused_until = excluded.paused_until,
       pause_reason = excluded.pause_reason,
       learned_factor = excluded.learned_factor,
       budget_day = greatest(provider_state.budget_day, excluded.budget_day),
       requests_today = case
         when excluded.budget_day > provider_state.budget_day then excluded.requests_today
         when excluded.budget_day < provider_state.budget_day then provider_state.requests_today
         else greatest(provider_state.requests_today, excluded.requests_today) end,
       updated_at = now()`,
    [
      provider,
      state.pausedUntil === 0 ? null : new Date(state.pausedUntil),
      state.reason,
      state.factor,
      state.day === 0 ? Math.floor(Date.now() / DAY_MS) : state.day,
      state.used,
    ],
  );
}
