import type { ProviderName } from './provider-names.ts';

export interface LoggedRequest {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly provider: ProviderName;
  readonly method: string;
  /** Path and query as they were sent, without the values of keys. */
  readonly url: string;
  status: number | 'none';
  /** Epoch milliseconds; absent = not yet, or never. */
  answered_at?: number;
  fault?: string;
}

const KEYS = /([?&](?:api_key|apikey|access_token)=)[^&]*/gi;

/** The latest requests, for assertions on exact URLs. Bounded: a benchmark must not grow it. */
export class RequestLog {
  readonly #size: number;
  #entries: LoggedRequest[] = [];
  #next = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** The entry stays writable, since the status is known later. */
  add(entry: LoggedRequest): LoggedRequest {
    const kept = { ...entry, url: entry.url.replace(KEYS, '$1…') };
    this.#entries[this.#next % this.#size] = kept;
    this.#next += 1;
    return kept;
  }

  /** Oldest first. */
  list(provider: string | undefined, last: number): LoggedRequest[] {
    const start = this.#next > this.#size ? this.#next % this.#size : 0;
    const ordered = [...this.#entries.slice(start), ...this.#entries.slice(0, start)];
    return ordered.filter((one) => provider === undefined || one.provider === provider).slice(-last);
  }

  clear(): void {
    this.#entries = [];
    this.#next = 0;
  }
}
