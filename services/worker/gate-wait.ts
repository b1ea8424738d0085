/**
 * When a provider's stage consumes while its gate is closed for long. The messages wait in the broker. Once the closure
 * lasts longer than anybody should wait, the stage is opened now and then, so that tasks which another provider can
 * answer are passed on; those that cannot be have to be moved out of their way, which is done ever less often while it
 * helps nobody.
 */
import type { Log } from '../../shared/observability/log.ts';
import type { GateClosed } from '../../shared/redis/gate-slot.ts';
import type { ProviderGate } from '../../shared/redis/provider-gate.ts';
import { RETRY_STEPS, type RetryStep, stepNotBefore } from '../../shared/task/retry-policy.ts';
import type { Valve } from './valve.ts';

export interface GateWaitOptions {
  readonly valve: Pick<Valve, 'isShutBy' | 'shut' | 'open'>;
  readonly gate: Pick<ProviderGate, 'changedWithin' | 'closedFor'>;
  readonly queue: string;
  /** Closed for longer: tasks pass the provider over where they can. */
  readonly maxWaitMs: number;
  readonly log: Log;
  readonly stopping: AbortSignal;
}

/** The gate tells its changes; it is looked at so often in case one was not heard. */
const LOOK_EVERY_MS = 5_000;
/** Between two openings that pass tasks on. */
const PASS_EVERY_MS = { first: 5_000, last: 300_000 };
/** A closure that is no longer is waited for at the gate, with the delivery in hand. */
const SHORT_MS = RETRY_STEPS['1m'];
const LONGEST_STEP_MS = RETRY_STEPS['15m'];

export class GateWait {
  readonly #options: GateWaitOptions;
  #passEveryMs = PASS_EVERY_MS.first;

  constructor(options: GateWaitOptions) {
    this.#options = options;
  }

  /** Whether tasks that can do without the provider should. */
  isTooLong(closed: GateClosed): boolean {
    return closed.lastsMs > this.#options.maxWaitMs;
  }

  /** A task was passed on: there may be more of them. */
  passedOn(): void {
    this.#passEveryMs = PASS_EVERY_MS.first;
  }

  /** Shuts the stage until it makes sense to consume again; how long the task in hand has to stay away. */
  shut(closed: GateClosed): RetryStep {
    const isTooLong = this.isTooLong(closed);
    const { valve, queue, log } = this.#options;
    if (!valve.isShutBy('gate')) {
      log.warn('stage waits', { queue, reason: closed.reason, forMs: Math.round(closed.forMs) });
      valve.shut('gate');
      void this.#openLater(isTooLong);
    }
    return stepNotBefore(Math.min(closed.forMs, isTooLong ? LONGEST_STEP_MS : SHORT_MS));
  }

  async #openLater(isTooLong: boolean): Promise<void> {
    const { valve, gate, stopping } = this.#options;
    let leftMs = isTooLong ? this.#passEveryMs : Infinity;
    this.#passEveryMs = Math.min(PASS_EVERY_MS.last, 2 * this.#passEveryMs);
    do {
      const lookMs = Math.min(LOOK_EVERY_MS, leftMs);
      await gate.changedWithin(lookMs);
      leftMs -= lookMs;
      if (stopping.aborted) return;
    } while (leftMs > 0 && (await gate.closedFor()) > (isTooLong ? 0 : SHORT_MS));
    valve.open('gate');
  }
}
