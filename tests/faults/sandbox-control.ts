/** The providers of a run: one sandbox process, steered and read over its control endpoint. */
import type { MovieRow } from './workload.ts';

export interface ProviderFigures {
  readonly requests: number;
  readonly token_requests: number;
  readonly violations: number;
  readonly before_retry_after: number;
}

export interface LoggedRequest {
  readonly provider: string;
  readonly url: string;
  readonly status: number | 'none';
  readonly fault?: string;
  readonly at: number;
}

/** Requests that the sandbox remembers. */
export const LOG_SIZE = 5_000;

export class SandboxControl {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async figures(): Promise<ReadonlyMap<string, ProviderFigures>> {
    const { providers } = (await this.#ask('GET', '/stats')) as {
      providers: Record<string, ProviderFigures>;
    };
    return new Map(Object.entries(providers));
  }

  /** Oldest first, at most LOG_SIZE. */
  async log(): Promise<readonly LoggedRequest[]> {
    return (await this.#ask('GET', `/log?limit=${LOG_SIZE}`)) as LoggedRequest[];
  }

  async movies(): Promise<readonly MovieRow[]> {
    return (await this.#ask('GET', '/truth?provider=tmdb')) as MovieRow[];
  }

  async fault(fault: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#ask('POST', '/faults', fault);
  }

  async heal(): Promise<void> {
    await this.#ask('DELETE', '/faults');
  }

  async reset(): Promise<void> {
    await this.#ask('POST', '/reset');
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/_control${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }
}
