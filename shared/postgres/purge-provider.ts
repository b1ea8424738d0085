/** Takes what a provider gave out of the result tables: by provenance, field by field. */
import type { Pool } from './pool.ts';
import { idColumn, pageOf, type RowKey } from './row-page.ts';
import type { ResultTable } from './result-statement.ts';

export interface PurgedPage {
  /** Undefined = the table ends here. */
  readonly next: RowKey | undefined;
  /** Rows looked at. */
  readonly seen: number;
  /** Rows with something of this provider. */
  readonly rows: number;
  readonly fields: number;
}

/** Rows of one statement: a good second at worst. */
const PAGE = 1_000;

/** Keys of the fields whose value came from the provider `$4`. */
const GIVEN = `array(select key from jsonb_each(provenance) as field (key, origin) where origin ->> 'provider' = $4)`;

/**
 * One page of the table. A row loses the provider's fields; one whose match was the provider's also loses match and
 * verdict, and is as if it had not been looked up, so that any later verdict counts. Idempotent: a purge that stopped is
 * begun again. A task on its way may bring fields back that it carries.
 */
export async function purgePage(
  pool: Pool,
  table: ResultTable,
  { provider, isDryRun }: { readonly provider: string; readonly isDryRun: boolean },
  after: RowKey,
): Promise<PurgedPage> {
  const { rows } = await pool.query<Row>(isDryRun ? countStatement(table) : purgeStatement(table), [
    after.owner,
    after.id,
    PAGE,
    provider,
  ]);
  const [row] = rows;
  if (row === undefined || row.seen === 0) return { next: undefined, seen: 0, rows: 0, fields: 0 };
  const next = row.seen < PAGE ? undefined : { owner: row.owner, id: row.id };
  return { next, seen: row.seen, rows: row.rows, fields: row.fields };
}

interface Row extends RowKey {
  readonly seen: number;
  readonly rows: number;
  readonly fields: number;
}

const SUMS = `
select last.owner, last.id, (select count(*)::int from page) as seen,
       (select count(*)::int from given) as rows,
       (select coalesce(sum(cardinality(fields)), 0)::int from given) as fields
from last`;

/** Also rows that have no such field any more, since a newer one took its place, and whose match was the provider's. */
const given = (table: ResultTable): string => `, given as (
  select owner, ${idColumn(table)} as id, ${GIVEN} as fields from page
  where enrichment_source_api = $4 or exists (
    select from jsonb_each(provenance) as field (key, origin) where origin ->> 'provider' = $4)
)`;

const countStatement = (table: ResultTable): string => `${pageOf(table)}${given(table)}${SUMS}`;

const purgeStatement = (table: ResultTable): string => `${pageOf(table)}${given(table)}, purged as (
  update ${table} as stored set
    enriched = stored.enriched - given.fields,
    provenance = stored.provenance - given.fields,
    ${VERDICT.map((column) => `${column} = case when enrichment_source_api = $4 then null else ${column} end`).join(',\n    ')},
    updated_at = now()
  from given
  where stored.owner = given.owner and stored.${idColumn(table)} = given.id
)${SUMS}`;

const VERDICT = [
  'enrichment_status',
  'match',
  'match_confidence',
  'source_data_version',
  'enrichment_timestamp',
  'answered_at',
  'enrichment_source_api',
];
