import { insertAuditEntry } from '../postgres/audit-log.ts';
import { purgePage } from '../postgres/purge-provider.ts';
import type { ResultTable } from '../postgres/result-statement.ts';
import { BEFORE_ALL, type RowKey } from '../postgres/row-page.ts';
import { forgetProvider } from '../redis/forget-provider.ts';
import type { Controls } from './controls.ts';

export interface Purged {
  /** Answers and responses in Redis. */
  readonly cached: number;
  readonly rows: number;
  readonly fields: number;
  /** Rows looked at. */
  readonly seen: number;
  /** False = the signal ended it; the same purge goes on with what is left. */
  readonly isComplete: boolean;
}

export interface PurgeOptions {
  /** Only counts. */
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (purged: Purged) => void;
}

const TABLES: readonly ResultTable[] = ['tracks', 'movies'];

/**
 * Deletes all that is kept of a provider but its dead letters: caches first, so that no task reads from them what is then
 * taken out of the tables. In batches with flat memory, holding no lock for longer than one. Audited, with the counts.
 */
export async function purgeProvider(
  { pool, redis, actor }: Controls,
  provider: string,
  { isDryRun, signal, onProgress }: PurgeOptions,
): Promise<Purged> {
  let purged: Purged = { cached: 0, rows: 0, fields: 0, seen: 0, isComplete: false };
  const add = (change: Partial<Purged>): void => {
    purged = { ...purged, ...change };
    onProgress?.(purged);
  };
  try {
    await forgetProvider(redis, provider, {
      isDryRun,
      signal,
      onProgress: (cached) => {
        add({ cached });
      },
    });
    for (const table of TABLES) {
      for (let after: RowKey | undefined = BEFORE_ALL; after !== undefined;) {
        signal.throwIfAborted();
        const page = await purgePage(pool, table, { provider, isDryRun }, after);
        after = page.next;
        const { rows, fields, seen } = purged;
        add({ rows: rows + page.rows, fields: fields + page.fields, seen: seen + page.seen });
      }
    }
    add({ isComplete: true });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    const { cached, rows, fields, isComplete } = purged;
    const detail = { cached, rows, fields, complete: isComplete };
    if (!isDryRun)
      await insertAuditEntry(pool, { actor, action: 'provider.purge', target: provider, detail });
  }
  return purged;
}
