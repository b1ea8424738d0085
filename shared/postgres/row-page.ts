/** Walking through a result table by its key: pages of a fixed size, so that no statement and no answer grows with it. */
import type { ResultTable } from './result-statement.ts';

/** The key of the last row of a page; the next one begins after it. */
export interface RowKey {
  readonly owner: string;
  readonly id: string;
}

export const BEFORE_ALL: RowKey = { owner: '', id: '' };

export const idColumn = (table: ResultTable): string => (table === 'tracks' ? 'track_id' : 'movie_id');

/** A CTE `page` with the next `$3` rows after the key `$1, $2`, and a CTE `last` with the key of its last one. */
export const pageOf = (table: ResultTable): string => `
with page as (
  select * from ${table} where (owner, ${idColumn(table)}) > ($1, $2)
  order by owner, ${idColumn(table)} limit $3
), last as (
  select owner, ${idColumn(table)} as id from page order by owner desc, ${idColumn(table)} desc limit 1
)`;
