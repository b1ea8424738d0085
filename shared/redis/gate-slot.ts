import type { Lane } from '../task/task.ts';

export interface SlotRequest {
  readonly lane: Lane;
  readonly priority: number;
  /** What is looked up; one look-up of a digest at a time in the whole cluster. */
  readonly digest: string;
  /** Of this look-up: its later requests pass the lock that its first one took. */
  readonly token: string;
  /** Epoch milliseconds: a cached answer fetched earlier does not end the look-up. */
  readonly notBefore: number;
  readonly signal: AbortSignal;
}

/** A request that may be sent now. */
export interface Start {
  /** False when it was granted so long ago that it would crowd others: give it back and ask again. */
  readonly isTimely: boolean;
  /** To be called when the request leaves: what follows keeps its distance from that moment. Only the first call counts. */
  sent(): void;
  /** Nothing was sent, and nothing will be. */
  giveBack(): void;
  /** The request has ended, however. Not after `giveBack`. */
  finished(): void;
}

/** `answer`: it is in the cache by now. `busy`: another worker is looking it up. */
export type Slot = Start | 'answer' | 'busy';

/** Thrown to everybody who waits when the gate is closed for longer than it makes sense to hold a delivery. */
export class GateClosed extends Error {
  override readonly name = 'GateClosed';
  readonly provider: string;
  readonly forMs: number;
  readonly reason: string;
  /** How long nobody has got through: what is still to come of the closure, or what has passed of an open circuit. */
  readonly lastsMs: number;
  constructor(provider: string, closure: { forMs: number; sinceMs: number; reason: string }) {
    const { forMs, sinceMs, reason } = closure;
    super(`${provider} is closed for ${Math.ceil(forMs / 1_000)} s: ${reason}`);
    this.provider = provider;
    this.forMs = forMs;
    this.reason = reason;
    this.lastsMs = Math.max(forMs, sinceMs);
  }
}

/** What operators say about a gate. */
export interface GateOrders {
  /** Epoch milliseconds: closed by hand until then; 0 = not held, UNTIL_RESUMED = until somebody says otherwise. */
  readonly heldUntil: number;
  readonly heldReason: string;
  /** `10/s` instead of the configured rate; empty = as configured. */
  readonly rate: string;
}

/** Far enough (the year 2255), and its microseconds are still whole numbers in a script. */
export const UNTIL_RESUMED = 9_000_000_000_000;

/** What outlives Redis: kept in Postgres, read back when the gate is unknown. */
export interface RememberedGate {
  /** Epoch milliseconds; 0 = open. */
  readonly pausedUntil: number;
  readonly reason: string;
  /** Learned share of the rate, 0.1–1. */
  readonly factor: number;
  /** Days since the epoch, UTC; the day that `used` counts. */
  readonly day: number;
  readonly used: number;
  /** Absent = operators said nothing. Read from memory and never saved to it by a gate: commands do that. */
  readonly orders?: GateOrders;
}

export interface GateMemory {
  /** Undefined when nothing is remembered. */
  load(provider: string): Promise<RememberedGate | undefined>;
  save(provider: string, gate: RememberedGate): Promise<void>;
}

/** For gates whose Redis is as good as it gets, as in a test. */
export const NO_MEMORY: GateMemory = {
  load: () => Promise.resolve(undefined),
  save: () => Promise.resolve(),
};
