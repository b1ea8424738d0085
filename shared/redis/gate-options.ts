import type { Log } from '../observability/log.ts';
import type { Lane } from '../task/task.ts';
import type { GateMemory } from './gate-slot.ts';
import type { Redis } from './redis-client.ts';

export interface GateOptions {
  readonly provider: string;
  readonly redis: Redis;
  readonly prefix?: string;
  /** Names this process in the lines. */
  readonly processId: string;
  readonly rate: { readonly count: number; readonly windowMs: number };
  /** Requests per UTC day; 0 = no limit. */
  readonly dailyBudget: number;
  /** Longer than a request may last: then another may probe an open circuit. */
  readonly leaseMs: number;
  /** Requests of this process under way at a time. Read before every claim: it may change. */
  readonly maxInFlight: number;
  /** Who waits behind an open circuit is sent away after this; absent = waits until it closes. */
  readonly maxWaitMs?: Readonly<Record<Lane, number>>;
  readonly memory: GateMemory;
  readonly log: Log;
  readonly onLocalFallback?: () => void;
}
