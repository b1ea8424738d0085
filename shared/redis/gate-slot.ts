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
