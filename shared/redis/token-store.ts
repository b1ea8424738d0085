/**
 * One access token for all workers, fetched by one of them. Kept in memory, shared through Redis; without Redis every
 * process fetches its own. It is dropped a minute before it expires.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { UNLOCK } from './gate-notes.ts';
import { providerKeys, type ProviderKeys } from './keys.ts';
import type { Redis } from './redis-client.ts';

type FetchToken = (signal: AbortSignal) => Promise<{ token: string; expiresInSeconds: number }>;

const RENEW_BEFORE_SECONDS = 60;
/** Longer than a token request may last. */
const LOCK_MS = 15_000;
const POLL_MS = 50;
const FETCH_DEADLINE_MS = 2 * LOCK_MS;

export class RedisTokenStore {
  readonly #redis: Redis;
  readonly #keys: ProviderKeys;
  readonly #processId: string;
  #token: { readonly value: string; readonly until: number } | undefined;
  #fetching: Promise<string> | undefined;

  constructor(options: { redis: Redis; provider: string; processId: string; prefix?: string }) {
    this.#redis = options.redis;
    this.#keys = providerKeys(options.provider, options.prefix);
    this.#processId = options.processId;
  }

  /** Rejects with what `fetchToken` throws. */
  async get(fetchToken: FetchToken, signal: AbortSignal): Promise<string> {
    if (this.#token !== undefined && performance.now() < this.#token.until) return this.#token.value;
    signal.throwIfAborted();
    // Many wait for this one token, so none of them may call it off for the others.
    this.#fetching ??= this.#obtain(fetchToken, AbortSignal.timeout(FETCH_DEADLINE_MS)).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async discard(token: string): Promise<void> {
    if (this.#token?.value === token) this.#token = undefined;
    await UNLOCK.run(this.#redis, [this.#keys.token], [token]).catch(() => undefined);
  }

  async #obtain(fetchToken: FetchToken, signal: AbortSignal): Promise<string> {
    const deadline = performance.now() + LOCK_MS;
    while (performance.now() < deadline) {
      const shared = await this.#shared();
      if (shared !== undefined) return shared;
      if (await this.#lock()) break;
      await delay(POLL_MS, undefined, { signal });
    }
    try {
      const { token, expiresInSeconds } = await fetchToken(signal);
      await this.#keep(token, Math.max(1, expiresInSeconds - RENEW_BEFORE_SECONDS));
      return token;
    } finally {
      await UNLOCK.run(this.#redis, [this.#keys.tokenLock], [this.#processId]).catch(() => undefined);
    }
  }

  async #shared(): Promise<string | undefined> {
    const { token } = this.#keys;
    const replies = await this.#redis
      .multi()
      .get(token)
      .pttl(token)
      .exec()
      .catch(() => null);
    const [value, ttlMs] = [replies?.[0]?.[1], replies?.[1]?.[1]];
    if (typeof value !== 'string' || typeof ttlMs !== 'number' || ttlMs <= 0) return undefined;
    this.#token = { value, until: performance.now() + ttlMs };
    return value;
  }

  /** True also without Redis: then everybody fetches his own. */
  async #lock(): Promise<boolean> {
    const reply = await this.#redis
      .set(this.#keys.tokenLock, this.#processId, 'PX', LOCK_MS, 'NX')
      .catch(() => 'OK');
    return reply === 'OK';
  }

  async #keep(value: string, seconds: number): Promise<void> {
    this.#token = { value, until: performance.now() + seconds * 1_000 };
    await this.#redis.set(this.#keys.token, value, 'EX', Math.ceil(seconds)).catch(() => undefined);
  }
}
