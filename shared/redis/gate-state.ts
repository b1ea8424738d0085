/** The hash of a gate, and what is remembered of it in case Redis forgets. */
import type { Log } from '../observability/log.ts';
import { orderFields } from './gate-orders.ts';
import { RESTORE } from './gate-notes.ts';
import type { GateMemory, RememberedGate } from './gate-slot.ts';
import type { Redis } from './redis-client.ts';

export interface GateStateDeps {
  readonly provider: string;
  readonly redis: Redis;
  readonly memory: GateMemory;
  readonly log: Log;
}

const DAY_MS = 86_400_000;
const NOTHING_KNOWN: RememberedGate = { pausedUntil: 0, reason: '', factor: 1, day: 0, used: 0 };

export class GateState {
  readonly #key: string;
  readonly #deps: GateStateDeps;
  /** What this process wrote down last: a gate that nobody uses costs no writing. */
  #saved = '';

  constructor(key: string, deps: GateStateDeps) {
    this.#key = key;
    this.#deps = deps;
  }

  /** Undefined when Redis does not know the gate. Rejects when Redis is away. */
  async read(): Promise<RememberedGate | undefined> {
    const fields = ['slot', 'pause', 'reason', 'factor', 'day', 'used'] as const;
    const [slot, pause, reason, factor, day, used] = await this.#deps.redis.hmget(this.#key, ...fields);
    if (slot === null || slot === undefined) return undefined;
    return {
      pausedUntil: Math.ceil(Number(pause ?? 0) / 1_000),
      reason: reason ?? '',
      factor: Number(factor ?? 1),
      day: Number(day ?? 0),
      used: Number(used ?? 0),
    };
  }

  /** How long it is closed, in milliseconds, by hand, by a pause or by its budget; 0 = open, also when Redis is away. */
  async closedFor(dailyBudget: number): Promise<number> {
    const [state, held] = await Promise.all([this.read(), this.#deps.redis.hget(this.#key, 'held')]).catch(
      () => [undefined, null] as const,
    );
    if (state === undefined) return 0;
    const heldUntil = Number(held ?? 0) / 1_000;
    const isSpent =
      dailyBudget > 0 && state.used >= dailyBudget && state.day === Math.floor(Date.now() / DAY_MS);
    const until = isSpent ? Math.max(state.pausedUntil, (state.day + 1) * DAY_MS) : state.pausedUntil;
    return Math.max(0, until - Date.now(), heldUntil - Date.now());
  }

  async remember(): Promise<void> {
    const { memory, provider, log } = this.#deps;
    try {
      const state = await this.read();
      const said = JSON.stringify(state);
      if (state === undefined || said === this.#saved) return;
      await memory.save(provider, state);
      this.#saved = said;
    } catch (error) {
      log.debug('the gate could not be remembered', { provider, error: (error as Error).message });
    }
  }

  /** A gate that nobody remembers is new, and opens at once. Never throws: the next claim sees whether it worked. */
  async restore(): Promise<void> {
    const { memory, provider, redis } = this.#deps;
    // A database that is away may remember something: then at least the distance is kept.
    const known = await memory.load(provider).catch(() => NOTHING_KNOWN);
    const { pausedUntil, reason, factor, day, used, orders } = known ?? NOTHING_KNOWN;
    const learned = [pausedUntil, reason, factor, day, used, known === undefined ? 0 : 1];
    await RESTORE.run(redis, [this.#key], [...learned, ...orderFields(orders)]).catch(() => undefined);
  }
}
