/** What the hash of a gate says, for people who look at it. */
import type { GateOrders } from './gate-slot.ts';
import { providerKeys } from './keys.ts';
import type { Redis } from './redis-client.ts';

export interface GateReport {
  /** Epoch milliseconds; 0 = open. By the service's own word or an open circuit, not by hand. */
  readonly pausedUntil: number;
  readonly reason: string;
  readonly factor: number;
  /** Days since the epoch, UTC; the day that `used` counts. */
  readonly day: number;
  readonly used: number;
  readonly orders?: GateOrders;
}

const FIELDS = [
  'slot',
  'pause',
  'reason',
  'factor',
  'day',
  'used',
  'held',
  'held_reason',
  'set_rate',
] as const;

/** Undefined when Redis does not know the gate. Rejects when Redis is away. */
export async function readGate(
  redis: Redis,
  provider: string,
  prefix?: string,
): Promise<GateReport | undefined> {
  const [slot, pause, reason, factor, day, used, held, heldReason, rate] = await redis.hmget(
    providerKeys(provider, prefix).gate,
    ...FIELDS,
  );
  if (slot === null || slot === undefined) return undefined;
  return {
    pausedUntil: Math.ceil(Number(pause ?? 0) / 1_000),
    reason: reason ?? '',
    factor: Number(factor ?? 1),
    day: Number(day ?? 0),
    used: Number(used ?? 0),
    orders: { heldUntil: Number(held ?? 0) / 1_000, heldReason: heldReason ?? '', rate: rate ?? '' },
  };
}
