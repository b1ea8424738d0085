import type { Response } from 'express';
import type { Principal } from '../../../shared/access/api-key.ts';
import type { Admission, RequestLimiter } from '../../../shared/redis/request-limiter.ts';
import type { Rate } from '../../../shared/runtime/environment.ts';
import { HttpProblem } from './problem.ts';

/** Counts the requests of each key and says in every response how many are left (draft 8 of the RateLimit headers). */
export const createAdmit =
  (limiter: RequestLimiter) =>
  async ({ keyId }: Principal, response: Response): Promise<void> => {
    const admission = await limiter.admit(keyId === '' ? 'open' : keyId);
    response.set(rateLimitHeaders(limiter.rate, admission));
    if (admission.isAdmitted) return;
    const { count, windowMs } = limiter.rate;
    throw new HttpProblem(
      'too_many_requests',
      `This key may make ${count} requests in ${windowMs / 1_000} s.`,
      {
        retryAfter: admission.resetMs / 1_000,
      },
    );
  };

const seconds = (ms: number): number => Math.ceil(ms / 1_000);

const rateLimitHeaders = (
  { count, windowMs }: Rate,
  { remaining, resetMs }: Admission,
): Record<string, string> => ({
  'RateLimit-Policy': `"key";q=${count};w=${seconds(windowMs)}`,
  RateLimit: `"key";r=${remaining};t=${seconds(resetMs)}`,
});

/** Addresses that keep on failing are not let try for the rest of the window. */
export const createBar = (
  limiter: RequestLimiter,
): Record<'failed' | 'barred', (address: string) => Promise<number | undefined>> => {
  const secondsOf = ({ isAdmitted, resetMs }: Admission): number | undefined =>
    isAdmitted ? undefined : resetMs / 1_000;
  return {
    failed: async (address) => secondsOf(await limiter.admit(address)),
    barred: async (address) => secondsOf(await limiter.look(address)),
  };
};
