/**
 * Responses by normalised request, under the answers: a task with another duration or album asks the same questions and
 * needs no request. Holds what the provider's schema let through, not the raw body.
 */
import { providerKeys } from './keys.ts';
import type { Redis } from './redis-client.ts';

/** What is larger costs more memory than the request is worth. */
const MAX_BYTES = 64 * 1024;

export interface ResponseCacheOptions {
  readonly redis: Redis;
  readonly ttlSeconds: number;
  readonly prefix?: string;
  readonly onError?: (error: Error) => void;
}

export interface CachedResponse {
  /** Epoch milliseconds. */
  readonly fetchedAt: number;
  readonly value: unknown;
}

export class ResponseCache {
  readonly #options: ResponseCacheOptions;

  constructor(options: ResponseCacheOptions) {
    this.#options = options;
  }

  /** Undefined when it is not there, when it is damaged, and when Redis is away. The caller holds it against its schema. */
  async get(provider: string, requestKey: string): Promise<CachedResponse | undefined> {
    try {
      const text = await this.#options.redis.get(
        providerKeys(provider, this.#options.prefix).response(requestKey),
      );
      if (text === null) return undefined;
      const space = text.indexOf(' ');
      return { fetchedAt: Number(text.slice(0, space)), value: JSON.parse(text.slice(space + 1)) as unknown };
    } catch (error) {
      this.#options.onError?.(error as Error);
      return undefined;
    }
  }

  /** Never throws. */
  async set(provider: string, requestKey: string, value: unknown): Promise<void> {
    const text = `${Date.now()} ${JSON.stringify(value)}`;
    if (text.length > MAX_BYTES) return;
    const key = providerKeys(provider, this.#options.prefix).response(requestKey);
    await this.#options.redis.set(key, text, 'EX', this.#options.ttlSeconds).catch((error: unknown) => {
      this.#options.onError?.(error as Error);
    });
  }
}
