import { providerKeys } from './keys.ts';
import type { Redis } from './redis-client.ts';

/** Keys looked at in one step: short enough that nobody else waits for it. */
const STEP = 500;

export interface ForgetOptions {
  /** Only counts. */
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (found: number) => void;
  readonly prefix?: string;
}

/**
 * Removes the cached answers and responses of a provider and returns how many there were. Goes through all keys in small
 * steps with flat memory; what is cached meanwhile may stay. The gate, tokens and locks are left alone. Rejects when
 * Redis fails, and with the signal's reason; begun again it goes on with what is left.
 */
export async function forgetProvider(
  redis: Redis,
  provider: string,
  options: ForgetOptions,
): Promise<number> {
  const { answers, responses } = providerKeys(provider, options.prefix);
  let found = 0;
  for (const pattern of [answers, responses]) {
    let cursor = '0';
    do {
      options.signal.throwIfAborted();
      const [next, batch] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', STEP);
      cursor = next;
      // SCAN may name a key twice; UNLINK counts those that were there.
      found += options.isDryRun || batch.length === 0 ? batch.length : await redis.unlink(...batch);
      options.onProgress?.(found);
    } while (cursor !== '0');
  }
  return found;
}
