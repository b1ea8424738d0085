/**
 * One process at the gate of one provider. Every request takes a slot here; the cluster-wide decision is made by the
 * script in gate-script.ts. Waiting requests are kept in this process, one sleeping loop a lane: it claims for its most
 * urgent request, sleeps until the time that the script names, and is woken early only by a more urgent request.
 */
import type { Log } from '../observability/log.ts';
import { CLAIM, LEAVE, PAUSE, REPORT, UNLOCK } from './gate-script.ts';
import { providerKeys, type ProviderKeys } from './keys.ts';
import { GateClosed, type GateMemory, type Slot, type SlotRequest } from './gate-slot.ts';
import { GateState } from './gate-state.ts';
import { LocalLimiter } from './local-limiter.ts';
import type { Redis } from './redis-client.ts';
import type { Script } from './script.ts';
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
  /** Longer than a request may last: then another may look up the same, or probe an open circuit. */
  readonly leaseMs: number;
  /** Requests of this process under way at a time. */
  readonly maxInFlight: number;
  readonly memory: GateMemory;
  readonly log: Log;
  readonly onLocalFallback?: () => void;
}

/** An exact grid plus jitter puts one request too many into a window; 1 % less never does. */
const MARGIN = 1.01;
/** Part of the spacing that two real starts keep between them while a late start is caught up with. */
const MIN_GAP = 0.9;
/** A start may be this part of a window late and keep its place on the grid. */
const LATENESS = 0.008;
const MAX_LATENESS_MS = 50;
/** Faults in a row that open the circuit. */
const CIRCUIT_THRESHOLD = 5;
/** Closed for longer: waiting deliveries are given up, the stage stops consuming. */
const MAX_WAIT_MS = 60_000;

interface WaitingSlot extends Waiting<SlotRequest> {
  readonly resolve: (slot: Slot) => void;
}
type Line = WaitingLine<WaitingSlot>;

type Reply = readonly [
  kind: Slot | 'wait' | 'closed' | 'unknown',
  us: number,
  reason: string,
  workers: number,
  ticket: number,
  faults: number,
];

export class ProviderGate {
  readonly #options: GateOptions;
  readonly #keys: ProviderKeys;
  readonly #spacingUs: number;
  readonly #lines: Readonly<Record<SlotRequest['lane'], Line>>;
  readonly #local: LocalLimiter;
  readonly #state: GateState;
  #workers = 1;
  #inFlight = 0;
  /** Faults in a row, as of the last claim: while there are none, successes need not be told. */
  #faults = 0;
  #isClosing = false;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#keys = providerKeys(options.provider, options.prefix);
    this.#state = new GateState(this.#keys.gate, options);
    this.#spacingUs = (options.rate.windowMs * 1_000 * MARGIN) / options.rate.count;
    this.#lines = { priority: new WaitingLine('priority'), backlog: new WaitingLine('backlog') };
    this.#local = new LocalLimiter({ spacingMs: this.#spacingUs / 1_000 });
  }

  /** Requests of this process that wait for a slot. */
  get waiting(): number {
    return this.#lines.priority.length + this.#lines.backlog.length;
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

  /** Tells the circuit what a request came to. A 429 is neither: it has its own pause. */
  report(outcome: 'ok' | 'fault'): void {
    if (outcome === 'ok' && this.#faults === 0) return;
    this.#faults = outcome === 'ok' ? 0 : this.#faults + 1;
    void this.#tell(REPORT, [this.#keys.gate], [outcome, CIRCUIT_THRESHOLD]);
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

  async #follow(line: Line, head: WaitingSlot, [kind, us, reason]: Reply): Promise<void> {
    const isWanted = line.length > 0 && !this.#isClosing;
    if (!isWanted && kind !== 'go') return;
    if (kind === 'unknown') {
      await this.#state.restore();
    } else if (kind === 'wait') {
      await line.sleep(us / 1_000);
    } else if (kind === 'closed') {
      const forMs = us / 1_000;
      if (forMs <= MAX_WAIT_MS) await line.sleep(forMs);
      else line.rejectAll(new GateClosed(this.#options.provider, forMs, reason));
    } else if (line.remove(head)) {
      if (kind === 'go') this.#inFlight++;
      head.resolve(kind);
    } else if (kind === 'go') {
      // Its task was given up while the script decided: the slot is lost, the lock must not be.
      await this.release(head.request.digest, head.request.token);
    }
  }

  async #claim(line: Line, request: SlotRequest): Promise<Reply> {
    const { redis, processId, rate, leaseMs, dailyBudget } = this.#options;
    const { gate, priorityLine, backlogLine, workers } = this.#keys;
    const keys = [
      gate,
      priorityLine,
      backlogLine,
      workers,
      this.#keys.answer(request.digest),
      this.#keys.lock(request.digest),
    ];
    const lateUs = Math.min(MAX_LATENESS_MS, rate.windowMs * LATENESS) * 1_000;
    const who = [processId, line.lane, request.priority];
    const grid = [this.#spacingUs, MIN_GAP, lateUs];
    const lookUp = [request.token, leaseMs, Math.floor(request.notBefore)];
    const args = [...who, ...grid, ...lookUp, dailyBudget, CIRCUIT_THRESHOLD, line.ticket];
    try {
      const reply = (await CLAIM.run(redis, keys, args)) as Reply;
      this.#workers = Math.max(1, reply[3]);
      line.ticket = reply[4];
      this.#faults = reply[5];
      return reply;
    } catch {
      return this.#claimLocally();
    }
  }

  /** Without Redis: this process's share of the rate, from the number of workers that were seen last. */
  async #claimLocally(): Promise<Reply> {
    this.#options.onLocalFallback?.();
    await this.#local.slot(this.#workers);
    return ['go', 0, '', this.#workers, 0, 0];
  }

  async #leave(): Promise<void> {
    const { priorityLine, backlogLine } = this.#keys;
    await this.#tell(LEAVE, [priorityLine, backlogLine], [this.#options.processId]);
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
