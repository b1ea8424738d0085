/** Rows of a result table as they were submitted: what a task needs to look them up once more. */
import type { Fields } from '../task/fields.ts';
import type { Pool } from './pool.ts';
import { idColumn, pageOf, type RowKey } from './row-page.ts';
import { type ResultTable, SUBMITTED } from './result-statement.ts';

export interface SubmittedRow {
  readonly owner: string;
  /** Fields that are known, under the names of a message; the id among them. */
  readonly entity: Fields;
  readonly extra: Fields;
  readonly missing: readonly string[];
  /** Provider of the accepted match. */
  readonly source: string | null;
}

/** Which rows are wanted: partial ones, or those whose newest value is older than this (epoch milliseconds). */
export type RowWish = { readonly partial: true } | { readonly olderThan: number };

export interface SubmittedPage {
  readonly rows: readonly SubmittedRow[];
  /** Undefined = the table ends here. */
  readonly next: RowKey | undefined;
}

/** Rows looked at by one statement. */
const PAGE = 2_000;

interface Found {
  readonly seen: number;
  readonly last_owner: string;
  readonly last_id: string;
  readonly row: (Fields & { readonly owner: string }) | null;
}

/** The rows of one page of the table that are wanted; there may be none, with more to come. */
export async function findSubmittedPage(
  pool: Pool,
  table: ResultTable,
  wish: RowWish,
  after: RowKey,
): Promise<SubmittedPage> {
  const condition =
    'partial' in wish
      ? `cardinality(missing) > 0 and $4::float8 is null`
      : `enrichment_timestamp < to_timestamp($4::float8 / 1000)`;
  const limit = 'partial' in wish ? null : wish.olderThan;
  const { rows } = await pool.query<Found>(
    `${pageOf(table)}, wanted as (select * from page where ${condition})
     select (select count(*)::int from page) as seen, last.owner as last_owner, last.id as last_id,
            to_jsonb(wanted) - 'enriched' - 'provenance' - 'match' as row
     from last left join wanted on true order by wanted.owner, wanted.${idColumn(table)}`,
    [after.owner, after.id, PAGE, limit],
  );
  const [first] = rows;
  const isLast = first === undefined || first.seen < PAGE;
  return {
    rows: rows.flatMap(({ row }) => (row === null ? [] : [submittedOf(table, row)])),
    next: isLast ? undefined : { owner: first.last_owner, id: first.last_id },
  };
}

/** The row that this task changed last. Looks at every row: task ids have no index. */
export async function findSubmittedByTask(
  pool: Pool,
  table: ResultTable,
  taskId: string,
): Promise<SubmittedRow | undefined> {
  const { rows } = await pool.query<{ row: Fields & { readonly owner: string } }>(
    `select to_jsonb(found) - 'enriched' - 'provenance' - 'match' as row from ${table} as found where task_id = $1 limit 1`,
    [taskId],
  );
  return rows[0] === undefined ? undefined : submittedOf(table, rows[0].row);
}

function submittedOf(table: ResultTable, row: Fields & { readonly owner: string }): SubmittedRow {
  const fields = [idColumn(table), ...Object.keys(SUBMITTED[table])];
  const known = fields.filter((field) => row[field] !== null && row[field] !== undefined);
  return {
    owner: row.owner,
    entity: Object.fromEntries(known.map((field) => [field, row[field]])) as Fields,
    extra: (row['extra'] ?? {}) as Fields,
    missing: (row['missing'] ?? []) as string[],
    source: row['enrichment_source_api'] as string | null,
  };
}
