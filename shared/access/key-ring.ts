import { findKey, markKeyUsed, type StoredKey } from '../postgres/api-keys.ts';
import type { Pool } from '../postgres/pool.ts';
import { isSecret, parseKey, type Principal, type Scope } from './api-key.ts';
import { isValid } from './keys.ts';

/** A revoked key is let in for so long at most. */
const REMEMBERED_MS = 5_000;
const MOST_REMEMBERED = 1_000;

interface Remembered {
  readonly key: StoredKey | undefined;
  readonly until: number;
}

/** Tells who shows a key. What it has read is remembered for seconds: a client that polls costs the database nothing. */
export class KeyRing {
  readonly #pool: Pool;
  readonly #remembered = new Map<string, Remembered>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Undefined = not a key, or one that does not count any more. Rejects when the database is away. */
  async principalOf(text: string): Promise<Principal | undefined> {
    const parts = parseKey(text);
    if (parts === undefined) return undefined;
    const key = await this.#find(parts.keyId);
    if (!isSecret(parts.secret, key?.secretHash) || key === undefined || !isValid(key)) return undefined;
    const { keyId, owner, scope, maxRunningJobs, maxRows } = key;
    return {
      keyId,
      owner,
      scope: scope as Scope,
      ...(maxRunningJobs !== null && { maxRunningJobs }),
      ...(maxRows !== null && { maxRows }),
    };
  }

  async #find(keyId: string): Promise<StoredKey | undefined> {
    const known = this.#remembered.get(keyId);
    if (known !== undefined && known.until > Date.now()) return known.key;
    const key = await findKey(this.#pool, keyId);
    // Beside the request: nobody waits for it, and a lost note is of no consequence.
    if (key !== undefined) void markKeyUsed(this.#pool, keyId).catch(() => undefined);
    this.#remembered.delete(keyId);
    this.#remembered.set(keyId, { key, until: Date.now() + REMEMBERED_MS });
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MOST_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
    return key;
  }
}
