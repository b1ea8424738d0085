/** Answers of providers by query. It saves calls and never carries correctness: without Redis everything is a miss. */
import type { Answer } from '../task/answer.ts';
import { parseAnswer } from '../task/task-state.ts';
import { providerKeys } from './keys.ts';
import type { Redis } from './redis-client.ts';

export interface AnswerAddress {
  readonly provider: string;
  /** From `answerDigest`. */
  readonly digest: string;
}

export interface AnswerCacheOptions {
  readonly redis: Redis;
  readonly prefix?: string;
  /** Called for every failed access. */
  readonly onError?: (error: Error) => void;
}

export class AnswerCache {
  readonly #options: AnswerCacheOptions;

  constructor(options: AnswerCacheOptions) {
    this.#options = options;
  }

  /** In the order asked; undefined = not there. One MGET a provider, sent together: a Redis Cluster refuses mixed ones. */
  async getMany(addresses: readonly AnswerAddress[]): Promise<(Answer | undefined)[]> {
    const found = new Array<Answer | undefined>(addresses.length);
    const byProvider = new Map<string, number[]>();
    addresses.forEach(({ provider }, at) => {
      const positions = byProvider.get(provider);
      if (positions === undefined) byProvider.set(provider, [at]);
      else positions.push(at);
    });
    const groups = [...byProvider].map(async ([provider, positions]) => {
      const keys = providerKeys(provider, this.#options.prefix);
      const texts = await this.#options.redis.mget(
        positions.map((at) => keys.answer(addresses[at]?.digest ?? '')),
      );
      positions.forEach((at, index) => {
        const text = texts[index];
        if (text === undefined || text === null) return;
        found[at] = decode(text);
        if (found[at] === undefined) this.#forget(keys.answer(addresses[at]?.digest ?? ''));
      });
    });
    await Promise.all(groups).catch((error: unknown) => this.#options.onError?.(error as Error));
    return found;
  }

  /**
   * What cannot be read is no answer, but the gate only sees that something is there, and would send whoever asks back
   * to it until it expires.
   */
  #forget(key: string): void {
    this.#options.redis.del(key).catch((error: unknown) => this.#options.onError?.(error as Error));
  }

  async get(address: AnswerAddress): Promise<Answer | undefined> {
    const [answer] = await this.getMany([address]);
    return answer;
  }

  /** @param until epoch milliseconds: later than its expiry, it is served as a stale one meanwhile. Never throws. */
  async set({ provider, digest }: AnswerAddress, answer: Answer, until = answer.expiresAt): Promise<void> {
    const ttlMs = Math.round(until - Date.now());
    if (ttlMs <= 0) return;
    const key = providerKeys(provider, this.#options.prefix).answer(digest);
    await this.#options.redis.set(key, encode(answer), 'PX', ttlMs).catch((error: unknown) => {
      this.#options.onError?.(error as Error);
    });
  }
}

/** The time comes first: the gate's script reads it without parsing the rest. */
const encode = (answer: Answer): string => `${Math.floor(answer.fetchedAt)} ${JSON.stringify(answer)}`;

function decode(text: string): Answer | undefined {
  try {
    return parseAnswer(JSON.parse(text.slice(text.indexOf(' ') + 1)));
  } catch {
    return undefined;
  }
}
