import type { Client } from './dead-letters.ts';
import { idColumn } from './row-page.ts';
import { type ResultTable, SUBMITTED } from './result-statement.ts';

/** A row of a result table as documents show it. Times are ISO 8601. */
export interface StoredResult {
  readonly id: string;
  readonly owner: string;
  readonly task_id: string | null;
  /** Null while no task has settled for it. */
  readonly status: string | null;
  readonly partial: boolean;
  readonly missing: readonly string[];
  readonly submitted: Readonly<Record<string, unknown>>;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly enriched: Readonly<Record<string, unknown>>;
  /** Field → where its value is from. */
  readonly provenance: Readonly<Record<string, unknown>>;
  readonly match: unknown;
  readonly source: string | null;
  readonly enriched_at: string | null;
}

/** For SELECT from a result table that is called `result`. */
const resultColumns = (table: ResultTable): string => {
  const submitted = Object.keys(SUBMITTED[table])
    .map((column) => `'${column}', result.${column}`)
    .join(', ');
  return `result.${idColumn(table)} as id, result.owner, result.task_id, result.enrichment_status as status,
    cardinality(result.missing) > 0 as partial, result.missing, jsonb_strip_nulls(jsonb_build_object(${submitted})) as submitted,
    result.extra, result.enriched, result.provenance, result.match, result.enrichment_source_api as source,
    to_char(result.enrichment_timestamp at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as enriched_at`;
};

/** What is known of one entity of an owner; undefined = nothing. */
export async function findResult(
  client: Client,
  table: ResultTable,
  { owner, id }: { readonly owner: string; readonly id: string },
): Promise<StoredResult | undefined> {
  const { rows } = await client.query<StoredResult>(
    `select ${resultColumns(table)} from ${table} as result where result.owner = $1 and result.${idColumn(table)} = $2`,
    [owner, id],
  );
  return rows[0];
}
