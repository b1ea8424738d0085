import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Rate } from '../runtime/environment.ts';
import { requestLimitPrefix } from './keys.ts';
import type { Redis } from './redis-client.ts';

export interface Admission {
  readonly isAdmitted: boolean;
  /** Left in this window. */
  readonly remaining: number;
  /** Until the next window begins. */
  readonly resetMs: number;
}

export interface RequestLimiterOptions {
  readonly redis: Redis;
  /** Tells one limit from another. */
  readonly name: string;
  readonly rate: Rate;
}

/**
 * Counts requests by who makes them, over all replicas. While Redis is away every process counts for itself, so a client
 * may get the rate once from each: less harm than refusing everybody.
 */
export class RequestLimiter {
  readonly rate: Rate;
  readonly #limiter: RateLimiterRedis;

  constructor({ redis, name, rate }: RequestLimiterOptions) {
    this.rate = rate;
    const limit = { points: rate.count, duration: rate.windowMs / 1_000 };
    this.#limiter = new RateLimiterRedis({
      ...limit,
      storeClient: redis,
      useRedisPackage: false,
      keyPrefix: requestLimitPrefix(name),
      insuranceLimiter: new RateLimiterMemory(limit),
      // Who is over the limit is refused without asking Redis again.
      inMemoryBlockOnConsumed: rate.count + 1,
    });
  }

  /** Counts one. */
  async admit(who: string): Promise<Admission> {
    try {
      return admissionOf(await this.#limiter.consume(who), true);
    } catch (error) {
      if (error instanceof RateLimiterRes) return admissionOf(error, false);
      throw error;
    }
  }

  /** Counts nothing. */
  async look(who: string): Promise<Admission> {
    const found = await this.#limiter.get(who);
    if (found === null) return { isAdmitted: true, remaining: this.rate.count, resetMs: 0 };
    return admissionOf(found, found.consumedPoints < this.rate.count);
  }
}

const admissionOf = ({ remainingPoints, msBeforeNext }: RateLimiterRes, isAdmitted: boolean): Admission => ({
  isAdmitted,
  remaining: Math.max(0, remainingPoints),
  resetMs: Math.max(0, msBeforeNext),
});
