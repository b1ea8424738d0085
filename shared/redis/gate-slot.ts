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

/** `go`: send now and call `finished` afterwards. `answer`: it is in the cache by now. `busy`: another worker is looking it up. */
export type Slot = 'go' | 'answer' | 'busy';

/** Thrown to everybody who waits when the gate is closed for longer than it makes sense to hold a delivery. */
export class GateClosed extends Error {
  override readonly name = 'GateClosed';
  readonly provider: string;
  readonly forMs: number;
  readonly reason: string;
  constructor(provider: string, forMs: number, reason: string) {
    super(`${provider} is closed for ${Math.ceil(forMs / 1_000)} s: ${reason}`);
    this.provider = provider;
    this.forMs = forMs;
    this.reason = reason;
  }
}

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
