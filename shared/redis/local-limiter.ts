/** The stand-in for a gate while Redis is away: Bottleneck, paced at this process's share of the provider's rate. */
import Bottleneck from 'bottleneck';

export class LocalLimiter {
  #spacingMs: number;
  readonly #limiter: Bottleneck;
  #pausedUntil = 0;
  #workers = 1;

  constructor({ spacingMs }: { readonly spacingMs: number }) {
    this.#spacingMs = spacingMs;
    this.#limiter = new Bottleneck({ minTime: spacingMs, maxConcurrent: 1 });
  }

  /** What the provider asked for is kept here too: Redis may go away a moment later. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + ms);
  }

  /** Waits for the next start of this process when `workers` share the rate of one start in `spacingMs`. */
  async slot(workers: number, spacingMs: number): Promise<void> {
    if (workers !== this.#workers || spacingMs !== this.#spacingMs) {
      this.#workers = workers;
      this.#spacingMs = spacingMs;
      this.#limiter.updateSettings({ minTime: spacingMs * workers });
    }
    await this.#limiter.schedule(async () => {
      const leftMs = this.#pausedUntil - performance.now();
      if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs).unref());
    });
  }

  close(): void {
    void this.#limiter.stop({ dropWaitingJobs: false });
  }
}
