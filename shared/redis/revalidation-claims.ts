import type { AnswerAddress } from './answer-cache.ts';
import { providerKeys } from './keys.ts';
import type { Redis } from './redis-client.ts';

/** So long the one that was asked for may wait in the backlog before another one is. */
const CLAIM_MS = 3_600_000;

/** True for the first who wants a new answer in place of this stale one, for an hour. False also when Redis is away. */
export async function claimRevalidation(
  redis: Redis,
  { provider, digest }: AnswerAddress,
  prefix?: string,
): Promise<boolean> {
  const key = providerKeys(provider, prefix).revalidation(digest);
  const said = await redis.set(key, '1', 'PX', CLAIM_MS, 'NX').catch(() => null);
  return said === 'OK';
}
