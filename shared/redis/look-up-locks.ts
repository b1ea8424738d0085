/**
 * The locks of the look-ups that this process makes. The gate sets a lock with the first request and for a short time
 * only; here it is kept while the look-up lasts. So a process that is killed holds nobody up for longer than seconds,
 * although a look-up may wait for its slots for a minute.
 */
import { providerKeys, type ProviderKeys } from './keys.ts';
import type { Redis } from './redis-client.ts';
import { Script } from './script.ts';

/** A process that does not come round to renewing for so long counts as dead. */
export const LOCK_MS = 3_000;
const RENEW_EVERY_MS = LOCK_MS / 4;

/**
 * Only the holder's: who lost one to another does not get it back. One command for all of them: a worker that waits for
 * a slow provider keeps hundreds, and a command each held up its claims for 10 ms at every renewal.
 */
const RENEW = new Script(`
for at, lock in ipairs(KEYS) do
  if redis.call('GET', lock) == ARGV[at + 1] then redis.call('PEXPIRE', lock, ARGV[1]) end
end
return #KEYS
`);

export class LookUpLocks {
  readonly #redis: Redis;
  readonly #keys: ProviderKeys;
  /** Token → digest. */
  readonly #kept = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { readonly redis: Redis; readonly provider: string; readonly prefix?: string }) {
    this.#redis = options.redis;
    this.#keys = providerKeys(options.provider, options.prefix);
  }

  /** Renews the lock of this look-up, whenever the gate sets it, until `drop`. */
  keep(digest: string, token: string): void {
    this.#kept.set(token, digest);
    this.#timer ??= setInterval(() => {
      this.#renew();
    }, RENEW_EVERY_MS).unref();
  }

  drop(token: string): void {
    this.#kept.delete(token);
    if (this.#kept.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Whether somebody looks it up now; false also when Redis cannot be asked: then nobody is waited for. */
  async isHeld(digest: string): Promise<boolean> {
    return (await this.#redis.exists(this.#keys.lock(digest)).catch(() => 0)) === 1;
  }

  #renew(): void {
    const locks = [...this.#kept.values()].map((digest) => this.#keys.lock(digest));
    // A renewal that fails is followed by others before the locks run out.
    RENEW.run(this.#redis, locks, [LOCK_MS, ...this.#kept.keys()]).catch(() => undefined);
  }
}
