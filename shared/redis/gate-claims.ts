/** How one process asks its gate for slots: the script, and what it goes by while Redis is away. */
import type { GateGrid } from './gate-grid.ts';
import { RETURN } from './gate-notes.ts';
import { CLAIM, type ClaimReply } from './gate-script.ts';
import type { SlotRequest } from './gate-slot.ts';
import type { ProviderKeys } from './keys.ts';
import { LocalTurns } from './local-turns.ts';
import { LOCK_MS } from './look-up-locks.ts';
import type { Redis } from './redis-client.ts';
import { RedisOutage } from './redis-outage.ts';

export interface ClaimsOptions {
  readonly redis: Redis;
  readonly keys: ProviderKeys;
  readonly grid: GateGrid;
  readonly processId: string;
  readonly dailyBudget: number;
  readonly leaseMs: number;
  readonly onLocalFallback?: () => void;
  /** Redis can be asked again. */
  readonly onBack: () => void;
}

export interface Claimed {
  readonly kind: ClaimReply[0];
  /** How long to wait before the next claim, or, of `go`, before the start; or how long it is closed. */
  readonly forMs: number;
  /** Of an open circuit: for how long already. */
  readonly sinceMs: number;
  readonly reason: string;
  /** Of `go`: names the start; 0 = granted without Redis. */
  readonly start: number;
  /** By `performance.now()`. */
  readonly askedAt: number;
  readonly ticket: number;
}

/** Faults in a row that open the circuit. */
export const CIRCUIT_THRESHOLD = 5;
/** Commands fail for so long before a process goes on without Redis; and for a spacing, if that is longer. */
const OUTAGE_MS = 1_000;
const RETRY_MS = 100;
/** The others notice the end of an outage within this: the longest pause between two attempts to connect. */
const RETURN_MS = 2_000;
/** A process that has never reached Redis does not know how many there are. */
const UNKNOWN_WORKERS = 10;

export class GateClaims {
  readonly #options: ClaimsOptions;
  readonly #outage: RedisOutage;
  readonly #turns: LocalTurns;
  /** Faults in a row, as of the last claim: while there are none, successes need not be told. */
  faults = 0;
  /** By `performance.now()`, as of the last claim: for the time without Redis. */
  #closed = { until: 0, reason: '' };

  constructor(options: ClaimsOptions) {
    this.#options = options;
    const seat = Math.floor(Math.random() * UNKNOWN_WORKERS);
    const spacingMs = options.grid.spacingUs / 1_000;
    this.#turns = new LocalTurns({
      workers: UNKNOWN_WORKERS,
      seat,
      spacingMs,
      clockAheadMs: performance.timeOrigin,
    });
    this.#outage = new RedisOutage({ redis: options.redis, onBack: () => this.#comeBack() });
  }

  /** The time from one start to the next, as of the last claim. */
  get spacingMs(): number {
    return this.#turns.spacingMs;
  }

  /** Never rejects: without Redis it is this process's turn, or a wait until it is. */
  async make(request: SlotRequest, ticket: number): Promise<Claimed> {
    const askedAt = performance.now();
    if (this.#outage.isDeclared) return this.#locally(askedAt);
    try {
      const reply = (await this.#ask(request, ticket)) as ClaimReply;
      this.#outage.succeeded();
      return this.#learn(reply, askedAt);
    } catch {
      this.#outage.failed(Math.max(OUTAGE_MS, this.spacingMs));
      return { ...NOTHING, kind: 'wait', forMs: RETRY_MS, askedAt, ticket };
    }
  }

  /** What the provider asked for is kept here too: Redis may go away a moment later. */
  closeFor(ms: number, reason: string): void {
    const until = performance.now() + ms;
    if (until > this.#closed.until) this.#closed = { until, reason };
  }

  close(): void {
    this.#outage.close();
  }

  #ask(request: SlotRequest, ticket: number): Promise<unknown> {
    const { redis, keys, grid, processId, leaseMs, dailyBudget } = this.#options;
    const { gate, priorityLine, backlogLine, workers, starts } = keys;
    const ofLookUp = [keys.answer(request.digest), keys.lock(request.digest)];
    const who = [processId, request.lane, request.priority];
    const lookUp = [request.token, leaseMs, Math.floor(request.notBefore)];
    const limits = [dailyBudget, CIRCUIT_THRESHOLD];
    return CLAIM.run(
      redis,
      [gate, priorityLine, backlogLine, workers, ...ofLookUp, starts],
      [...who, grid.spacingUs, grid.count, grid.windowUs, ...lookUp, ...limits, ticket, LOCK_MS],
    );
  }

  #learn(reply: ClaimReply, askedAt: number): Claimed {
    const [kind, us, reason, workers, ticket, faults, spacingUs, openUs, nowUs, seat] = reply;
    this.faults = faults;
    this.#turns.learn({
      workers,
      seat,
      spacingMs: spacingUs > 0 ? spacingUs / 1_000 : this.spacingMs,
      clockAheadMs: nowUs / 1_000 - performance.now(),
    });
    const forMs = (kind === 'go' ? us - nowUs : us) / 1_000;
    this.#closed = kind === 'closed' ? { until: performance.now() + forMs, reason } : NOT_CLOSED;
    return { kind, forMs, sinceMs: openUs / 1_000, reason, start: kind === 'go' ? us : 0, askedAt, ticket };
  }

  #locally(askedAt: number): Claimed {
    const { until, reason } = this.#closed;
    const leftMs = until - askedAt;
    if (leftMs > 0) return { ...NOTHING, kind: 'closed', forMs: leftMs, reason, askedAt };
    const forMs = this.#turns.take(askedAt);
    if (forMs > 0) return { ...NOTHING, kind: 'wait', forMs, askedAt };
    this.#options.onLocalFallback?.();
    return { ...NOTHING, kind: 'go', askedAt };
  }

  async #comeBack(): Promise<void> {
    const { redis, keys, grid, onBack } = this.#options;
    const starts = this.#turns.drainStarts(grid.count);
    if (starts.length > 0) {
      await RETURN.run(redis, [keys.gate, keys.starts], [grid.count, RETURN_MS, ...starts]);
    }
    onBack();
  }
}

const NOT_CLOSED = { until: 0, reason: '' };
const NOTHING = { forMs: 0, sinceMs: 0, reason: '', start: 0, ticket: 0 };
