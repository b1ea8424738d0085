/**
 * One process at the gate of one provider. Every request takes a slot here; the cluster-wide decision is made by the
 * script in gate-script.ts. Waiting requests are kept in this process, one sleeping loop a lane: it claims for its most
 * urgent request, sleeps until the time that the script names, and is woken early only by a more urgent request.
 */
import { EventEmitter, once } from 'node:events';
import type { Lane } from '../task/task.ts';
import { CIRCUIT_THRESHOLD, type Claimed, GateClaims } from './gate-claims.ts';
import { gridOf } from './gate-grid.ts';
import { LEAVE, MOVE, PAUSE, REPORT, TAKE_BACK, UNLOCK } from './gate-notes.ts';
import type { GateOptions } from './gate-options.ts';
import { GateClosed, type Slot, type SlotRequest } from './gate-slot.ts';
import { GrantedStart } from './gate-start.ts';
import { GateState } from './gate-state.ts';
import { gateChannel, providerKeys, type ProviderKeys } from './keys.ts';
import type { Script } from './script.ts';
import { WaitingLine, type WaitingSlot } from './waiting-line.ts';

/** Closed for longer: waiting deliveries are given up, the stage stops consuming. */
const MAX_WAIT_MS = 60_000;
/** No sleep lasts longer: what was changed meanwhile and not heard of is noticed then. */
const MAX_SLEEP_MS = 5_000;
/** A start that is heard of is good for half of a spacing, within these bounds: later it would crowd the next one. */
const START_LASTS_MS = { least: 30, most: 100 };
/** Where starts are closer than Redis takes to answer, several are claimed at once: 1,500 requests a second instead of 770. */
const FINE_MS = 1;
const MOST_AT_ONCE = 64;

interface Answered {
  readonly head: WaitingSlot;
  readonly claimed: Claimed;
}

const isDelay = ({ kind }: Claimed): boolean => kind === 'wait' || kind === 'closed' || kind === 'unknown';

export class ProviderGate {
  readonly #options: GateOptions;
  readonly #keys: ProviderKeys;
  readonly #lines: Readonly<Record<Lane, WaitingLine>>;
  readonly #claims: GateClaims;
  readonly #state: GateState;
  readonly #changed = new EventEmitter();
  /** How often it was changed: a claim that was under way then may have come too early. */
  #changes = 0;
  #inFlight = 0;
  /** A line sleeps until a request ends. The bound may have moved since it fell asleep. */
  #isFull = false;
  #isClosing = false;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#keys = providerKeys(options.provider, options.prefix);
    this.#state = new GateState(this.#keys.gate, options);
    this.#lines = { priority: new WaitingLine('priority'), backlog: new WaitingLine('backlog') };
    this.#claims = new GateClaims({
      ...options,
      keys: this.#keys,
      grid: gridOf(options.rate),
      onBack: () => {
        this.changed();
      },
    });
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
    return this.#claims.spacingMs;
  }

  /** Waits for a slot. Rejects with GateClosed, or with the reason of the signal. */
  slot(request: SlotRequest): Promise<Slot> {
    const line = this.#lines[request.lane];
    const slot = line.wait(request);
    if (line.length > 0 && !line.isServed) this.#serve(line).catch(line.fail);
    return slot;
  }

  /** Closes the gate for all workers; `slowDown` also halves the learned rate, which then climbs back by itself. */
  async pause(ms: number, reason: string, slowDown: boolean): Promise<void> {
    this.#claims.closeFor(ms, reason);
    const { provider, log } = this.#options;
    log.warn('provider is paused', { provider, reason, forMs: Math.ceil(ms) });
    await this.#tell(
      PAUSE,
      [this.#keys.gate],
      [Math.ceil(ms), reason, slowDown ? 1 : 0, ...this.#announcement()],
    );
    await this.#state.remember();
  }

  /** Writes down what must survive the loss of Redis: after every pause, and now and then for the budget. Never throws. */
  remember(): Promise<void> {
    return this.#state.remember();
  }

  /** Somebody changed the gate: whoever waits asks again. */
  changed(): void {
    this.#changes++;
    this.#changed.emit('change');
    this.#wakeAll();
  }

  /** Resolves when the gate is changed, and after this time. */
  async changedWithin(ms: number): Promise<void> {
    const signal = AbortSignal.timeout(ms);
    await once(this.#changed, 'change', { signal }).catch(() => undefined);
  }

  /** Tells the circuit what a request came to, and how long it took. A 429 is neither: it has its own pause. */
  report(outcome: 'ok' | 'fault', tookMs: number): void {
    if (outcome === 'ok' && this.#claims.faults === 0) return;
    this.#claims.faults = outcome === 'ok' ? 0 : this.#claims.faults + 1;
    void this.#tell(
      REPORT,
      [this.#keys.gate],
      [outcome, CIRCUIT_THRESHOLD, Math.ceil(tookMs * 1_000), ...this.#announcement()],
    );
  }

  /** Ends the look-up: the answer must be in the cache by now. Never rejects. */
  async release(digest: string, token: string): Promise<void> {
    await this.#tell(UNLOCK, [this.#keys.lock(digest)], [token]);
  }

  /** How long the gate is closed, in milliseconds; 0 = open, also when Redis cannot be asked. Never rejects. */
  closedFor(): Promise<number> {
    return this.#state.closedFor(this.#options.dailyBudget);
  }

  /** Leaves the lines. Requests that still wait are ended by their own signals. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#wakeAll();
    this.#claims.close();
    await this.#leave();
  }

  async #serve(line: WaitingLine): Promise<void> {
    line.isServed = true;
    while (line.length > 0 && !this.#isClosing) {
      const room = this.#options.maxInFlight - this.#inFlight;
      if (room <= 0) {
        this.#isFull = true;
        await line.sleep(MAX_WAIT_MS);
      } else await this.#claim(line, this.spacingMs < FINE_MS ? Math.min(room, MOST_AT_ONCE) : 1);
    }
    line.isServed = false;
    line.ticket = 0;
    if (this.waiting === 0) await this.#leave();
  }

  async #claim(line: WaitingLine, count: number): Promise<void> {
    const changes = this.#changes;
    const ask = async (head: WaitingSlot): Promise<Answered> => ({
      head,
      claimed: await this.#claims.make(head.request, line.ticket),
    });
    const all = await Promise.all(line.mostUrgent(count).map(ask));
    line.ticket = all.at(-1)?.claimed.ticket ?? 0;
    for (const { head, claimed } of all) if (!isDelay(claimed)) await this.#follow(line, head, claimed);
    const delayed = all.find(({ claimed }) => isDelay(claimed));
    if (delayed !== undefined && changes === this.#changes)
      await this.#follow(line, delayed.head, delayed.claimed);
  }

  async #follow(line: WaitingLine, head: WaitingSlot, claimed: Claimed): Promise<void> {
    const { kind, forMs, sinceMs, reason } = claimed;
    if (kind !== 'go' && (line.length === 0 || this.#isClosing)) return;
    if (kind === 'unknown') await this.#state.restore();
    else if (kind === 'wait') await line.sleep(Math.min(forMs, MAX_SLEEP_MS));
    else if (kind === 'closed') {
      const maxWaitMs = this.#options.maxWaitMs?.[line.lane] ?? Infinity;
      const isShort = forMs <= MAX_WAIT_MS && sinceMs <= maxWaitMs;
      if (isShort) await line.sleep(Math.min(forMs, MAX_SLEEP_MS));
      else line.rejectAll(new GateClosed(this.#options.provider, { forMs, sinceMs, reason }));
    } else if (kind === 'go') await this.#grant(line, head, claimed);
    else if (line.remove(head)) head.resolve(kind);
  }

  async #grant(line: WaitingLine, head: WaitingSlot, { start, askedAt, forMs }: Claimed): Promise<void> {
    this.#inFlight++;
    const { gate, starts } = this.#keys;
    const { least, most } = START_LASTS_MS;
    const granted = new GrantedStart({
      dueAt: askedAt + forMs,
      lastsMs: Math.min(most, Math.max(least, this.#claims.spacingMs / 2)),
      onLate: (byMs) => {
        if (start > 0) void this.#tell(MOVE, [gate, starts], [start, Math.ceil(byMs * 1_000)]);
      },
      onGivenBack: () => {
        const args = [start, Math.round(this.#claims.spacingMs * 1_000)];
        if (start > 0) void this.#tell(TAKE_BACK, [gate, starts], args);
      },
      onFinished: () => {
        this.#inFlight--;
        if (this.#isFull) this.#wakeAll(); // Nobody else: every wake-up is a claim.
        this.#isFull = false;
      },
    });
    const isThere = line.remove(head);
    if (isThere) await granted.due();
    if (isThere && !head.request.signal.aborted) {
      head.resolve(granted);
      return;
    }
    // Its task was given up while the script decided, or a moment later.
    granted.giveBack();
    await this.release(head.request.digest, head.request.token);
  }

  #wakeAll(): void {
    for (const line of Object.values(this.#lines)) line.wake();
  }

  async #leave(): Promise<void> {
    await this.#tell(LEAVE, [this.#keys.priorityLine, this.#keys.backlogLine], [this.#options.processId]);
  }

  #announcement(): readonly string[] {
    return [gateChannel(this.#options.prefix), this.#options.provider];
  }

  /** A gate that cannot be told is a gate that learns a little later: nothing depends on these. Never rejects. */
  async #tell(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<void> {
    await script.run(this.#options.redis, keys, args).catch((error: unknown) => {
      this.#options.log.debug('the gate could not be told', {
        provider: this.#options.provider,
        error: (error as Error).message,
      });
    });
  }
}
