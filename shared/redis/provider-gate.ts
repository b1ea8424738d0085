/**
 * One process at the gate of one provider. Every request takes a slot here; the cluster-wide decision is made by the
 * script in gate-script.ts. Waiting requests are kept in this process, one sleeping loop a lane: it claims for its most
 * urgent request, sleeps until the time that the script names, and is woken early only by a more urgent request.
 */
import type { Log } from '../observability/log.ts';
import { type GateGrid, gridOf } from './gate-grid.ts';
import { CLAIM, type ClaimReply as Reply, LEAVE, PAUSE, REPORT, UNLOCK } from './gate-script.ts';
import { providerKeys, type ProviderKeys } from './keys.ts';
import { GateClosed, type GateMemory, type Slot, type SlotRequest } from './gate-slot.ts';
import { GateState } from './gate-state.ts';
import { LOCK_MS } from './look-up-locks.ts';
import { LocalLimiter } from './local-limiter.ts';
import type { Redis } from './redis-client.ts';
import type { Script } from './script.ts';
import type { Lane } from '../task/task.ts';
import { WaitingLine, type Waiting } from './waiting-line.ts';

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

/** Part of the spacing that two real starts keep between them while a late start is caught up with. */
const MIN_GAP = 0.9;
/** Faults in a row that open the circuit. */
const CIRCUIT_THRESHOLD = 5;
/** Closed for longer: waiting deliveries are given up, the stage stops consuming. */
const MAX_WAIT_MS = 60_000;
/** No sleep lasts longer: what operators change meanwhile is noticed then. */
const MAX_SLEEP_MS = 5_000;

interface WaitingSlot extends Waiting<SlotRequest> {
  readonly resolve: (slot: Slot) => void;
}
type Line = WaitingLine<WaitingSlot>;

export class ProviderGate {
  readonly #options: GateOptions;
  readonly #keys: ProviderKeys;
  readonly #grid: GateGrid;
  readonly #lines: Readonly<Record<Lane, Line>>;
  readonly #local: LocalLimiter;
  readonly #state: GateState;
  #workers = 1;
  #inFlight = 0;
  /** Faults in a row, as of the last claim: while there are none, successes need not be told. */
  #faults = 0;
  #spacingUs: number;
  /** By `performance.now()`; both as of the last claim, for the time without Redis. */
  #closed = { until: 0, reason: '' };
  #isClosing = false;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#keys = providerKeys(options.provider, options.prefix);
    this.#state = new GateState(this.#keys.gate, options);
    this.#grid = gridOf(options.rate);
    this.#spacingUs = this.#grid.spacingUs;
    this.#lines = { priority: new WaitingLine('priority'), backlog: new WaitingLine('backlog') };
    this.#local = new LocalLimiter({ spacingMs: this.#spacingUs / 1_000 });
  }

  /** Requests of this process that wait for a slot. */
  get waiting(): number {
    return this.#lines.priority.length + this.#lines.backlog.length;
  }

  /** Requests of this process that are under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** From one start to the next, of all workers, in milliseconds; as of the last claim. */
  get spacingMs(): number {
    return this.#spacingUs / 1_000;
  }

  /** Waits for a slot. Rejects with GateClosed, or with the reason of the signal. */
  slot(request: SlotRequest): Promise<Slot> {
    const line = this.#lines[request.lane];
    return new Promise((resolve, reject) => {
      if (request.signal.aborted) {
        reject(request.signal.reason as Error);
        return;
      }
      const abandon = (): void => {
        line.remove(waiting);
        reject(request.signal.reason as Error);
      };
      const waiting: WaitingSlot = {
        request,
        resolve: (slot) => {
          request.signal.removeEventListener('abort', abandon);
          resolve(slot);
        },
        reject: (error) => {
          request.signal.removeEventListener('abort', abandon);
          reject(error);
        },
      };
      request.signal.addEventListener('abort', abandon, { once: true });
      line.add(waiting);
      if (!line.isServed) void this.#serve(line);
    });
  }

  /** Closes the gate for all workers; `slowDown` also halves the learned rate, which then climbs back by itself. */
  async pause(ms: number, reason: string, slowDown: boolean): Promise<void> {
    this.#local.pause(ms);
    const { provider, log } = this.#options;
    log.warn('provider is paused', { provider, reason, forMs: Math.ceil(ms) });
    await this.#tell(PAUSE, [this.#keys.gate], [Math.ceil(ms), reason, slowDown ? 1 : 0]);
    await this.#state.remember();
  }

  /** Writes down what must survive the loss of Redis: after every pause, and now and then for the budget. Never throws. */
  remember(): Promise<void> {
    return this.#state.remember();
  }

  /** The request that was let go has ended, however. */
  finished(): void {
    this.#inFlight--;
    for (const line of Object.values(this.#lines)) line.wake();
  }

  /** Tells the circuit what a request came to, and how long it took. A 429 is neither: it has its own pause. */
  report(outcome: 'ok' | 'fault', tookMs: number): void {
    if (outcome === 'ok' && this.#faults === 0) return;
    this.#faults = outcome === 'ok' ? 0 : this.#faults + 1;
    void this.#tell(REPORT, [this.#keys.gate], [outcome, CIRCUIT_THRESHOLD, Math.ceil(tookMs * 1_000)]);
  }

  /** Ends the look-up: the answer must be in the cache by now. */
  async release(digest: string, token: string): Promise<void> {
    await this.#tell(UNLOCK, [this.#keys.lock(digest)], [token]);
  }

  /** How long the gate is closed, in milliseconds; 0 = open, also when Redis cannot be asked. */
  closedFor(): Promise<number> {
    return this.#state.closedFor(this.#options.dailyBudget);
  }

  /** Leaves the lines. Requests that still wait are ended by their own signals. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const line of Object.values(this.#lines)) line.wake();
    await this.#leave();
    this.#local.close();
  }

  async #serve(line: Line): Promise<void> {
    line.isServed = true;
    for (let head = line.mostUrgent; head !== undefined && !this.#isClosing; head = line.mostUrgent) {
      if (this.#inFlight >= this.#options.maxInFlight) await line.sleep(MAX_WAIT_MS);
      else await this.#follow(line, head, await this.#claim(line, head.request));
    }
    line.isServed = false;
    line.ticket = 0;
    if (this.waiting === 0) await this.#leave();
  }

  async #follow(line: Line, head: WaitingSlot, reply: Reply): Promise<void> {
    const [kind, us, reason] = reply;
    if (kind !== 'go' && (line.length === 0 || this.#isClosing)) return;
    if (kind === 'unknown') await this.#state.restore();
    else if (kind === 'wait') {
      await line.sleep(Math.min(us / 1_000, MAX_SLEEP_MS));
    } else if (kind === 'closed') {
      const closure = { forMs: us / 1_000, sinceMs: reply[7] / 1_000, reason };
      const maxWaitMs = this.#options.maxWaitMs?.[line.lane] ?? Infinity;
      const isShort = closure.forMs <= MAX_WAIT_MS && closure.sinceMs <= maxWaitMs;
      if (isShort) await line.sleep(Math.min(closure.forMs, MAX_SLEEP_MS));
      else line.rejectAll(new GateClosed(this.#options.provider, closure));
    } else if (line.remove(head)) {
      if (kind === 'go') this.#inFlight++;
      head.resolve(kind);
    } else if (kind === 'go') {
      // Its task was given up while the script decided: the slot is lost, the lock must not be.
      await this.release(head.request.digest, head.request.token);
    }
  }

  async #claim(line: Line, request: SlotRequest): Promise<Reply> {
    const { redis, processId, leaseMs, dailyBudget } = this.#options;
    const { gate, priorityLine, backlogLine, workers } = this.#keys;
    const ofLookUp = [this.#keys.answer(request.digest), this.#keys.lock(request.digest)];
    const keys = [gate, priorityLine, backlogLine, workers, ...ofLookUp];
    const who = [processId, line.lane, request.priority];
    const grid = [this.#grid.spacingUs, MIN_GAP, this.#grid.lateUs];
    const lookUp = [request.token, leaseMs, Math.floor(request.notBefore)];
    const args = [...who, ...grid, ...lookUp, dailyBudget, CIRCUIT_THRESHOLD, line.ticket, LOCK_MS];
    try {
      const reply = (await CLAIM.run(redis, keys, args)) as Reply;
      this.#workers = Math.max(1, reply[3]);
      line.ticket = reply[4];
      this.#faults = reply[5];
      this.#remember(reply);
      return reply;
    } catch {
      return this.#claimLocally();
    }
  }

  #remember([kind, us, reason, , , , spacingUs]: Reply): void {
    this.#closed =
      kind === 'closed' ? { until: performance.now() + us / 1_000, reason } : { until: 0, reason };
    if (kind === 'go' || kind === 'wait') this.#spacingUs = spacingUs > 0 ? spacingUs : this.#grid.spacingUs;
  }

  /** Without Redis: this process's share of the rate, from the number of workers that were seen last. */
  async #claimLocally(): Promise<Reply> {
    const { until, reason } = this.#closed;
    const leftMs = until - performance.now();
    if (leftMs > 0) return ['closed', leftMs * 1_000, reason, this.#workers, 0, 0, 0, 0];
    this.#options.onLocalFallback?.();
    await this.#local.slot(this.#workers, this.#spacingUs / 1_000);
    return ['go', 0, '', this.#workers, 0, 0, 0, 0];
  }

  async #leave(): Promise<void> {
    await this.#tell(LEAVE, [this.#keys.priorityLine, this.#keys.backlogLine], [this.#options.processId]);
  }

  /** A gate that cannot be told is a gate that learns a little later: nothing depends on these. */
  async #tell(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<void> {
    await script.run(this.#options.redis, keys, args).catch((error: unknown) => {
      this.#options.log.debug('the gate could not be told', {
        provider: this.#options.provider,
        error: (error as Error).message,
      });
    });
  }
}
