/** Which tasks have a row, looked at five times a second, also while Postgres is away and comes back. */
import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'pg';

export interface StoredRow {
  readonly id: string;
  readonly status: string;
  /** Providers that failed for it or were passed over. */
  readonly missing: readonly string[];
}

const POLL_MS = 200;
const ROWS = `
  select track_id as id, enrichment_status as status, missing from tracks
  union all select movie_id, enrichment_status, missing from movies`;

export class SettledTasks {
  readonly #pool: Pool;
  readonly #closing = new AbortController();
  readonly #watching: Promise<void>;
  #ids: ReadonlySet<string> = new Set();
  #seenAt = 0;
  #waiters: (() => void)[] = [];

  constructor(url: string) {
    this.#pool = new Pool({
      connectionString: url,
      max: 1,
      connectionTimeoutMillis: 2_000,
      query_timeout: 3_000,
      application_name: 'fault-ledger',
    });
    // The server is killed on purpose; the next look opens another connection.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.#watching = this.#watch();
  }

  /** As of the latest look. */
  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  /** performance.now() of the latest look that succeeded. */
  get seenAt(): number {
    return this.#seenAt;
  }

  async rows(): Promise<StoredRow[]> {
    return (await this.#pool.query<StoredRow>(ROWS)).rows;
  }

  /** Resolves with performance.now() of the first look at which it is true; undefined when the time was over before. */
  async until(
    isReached: (ids: ReadonlySet<string>) => boolean,
    withinMs: number,
  ): Promise<number | undefined> {
    const deadline = performance.now() + withinMs;
    while (!isReached(this.#ids)) {
      if (performance.now() > deadline) return undefined;
      await this.#nextLook();
    }
    return performance.now();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#watching;
    await this.#pool.end();
  }

  #nextLook(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const rows = await this.rows().catch(() => undefined);
      if (rows !== undefined) {
        this.#ids = new Set(rows.map(({ id }) => id));
        this.#seenAt = performance.now();
      }
      for (const resolve of this.#waiters.splice(0)) resolve();
      await wait(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
