/**
 * Whether Redis counts as away for a gate. One slow answer is no outage: whoever goes on without Redis uses a share of
 * the rate that the others do not see, so commands have to fail for a while first. From then on Redis is asked in the
 * background alone, and nobody waits for it.
 */
import type { Redis } from './redis-client.ts';

export interface OutageOptions {
  readonly redis: Redis;
  /** Called until it resolves: then the outage is over. */
  readonly onBack: () => Promise<void>;
}

const PROBE_EVERY_MS = 500;

export class RedisOutage {
  readonly #options: OutageOptions;
  #failedAt: number | undefined;
  #probes: NodeJS.Timeout | undefined;

  constructor(options: OutageOptions) {
    this.#options = options;
  }

  get isDeclared(): boolean {
    return this.#probes !== undefined;
  }

  succeeded(): void {
    this.#failedAt = undefined;
  }

  /** A command failed. Commands that fail for `afterMs` without a success between them are an outage. */
  failed(afterMs: number): void {
    this.#failedAt ??= performance.now();
    if (this.isDeclared || performance.now() - this.#failedAt < afterMs) return;
    this.#probes = setInterval(() => void this.#probe(), PROBE_EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.#probes);
  }

  async #probe(): Promise<void> {
    try {
      await this.#options.redis.ping();
      await this.#options.onBack();
    } catch {
      return;
    }
    clearInterval(this.#probes);
    this.#probes = undefined;
    this.#failedAt = undefined;
  }
}
