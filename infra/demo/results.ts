/** What is in the result tables of the rows of one run. */
import type { Pool } from '../../shared/postgres/pool.ts';
import type { Source } from './sources.ts';

export const SETTLED = ['enriched', 'not_found', 'ambiguous'] as const;

export type Settled = (typeof SETTLED)[number];

/** Rows by status; one row for each entity, so a task that was delivered twice counts once. */
export async function countByStatus(
  pool: Pool,
  { pipeline }: Source,
  owner: string,
): Promise<Record<Settled, number>> {
  const { rows } = await pool.query<{ status: string; count: number }>(
    `select enrichment_status as status, count(*)::int as count from ${pipeline.table} where owner = $1 group by 1`,
    [owner],
  );
  const of = (status: Settled): number => rows.find((row) => row.status === status)?.count ?? 0;
  return { enriched: of('enriched'), not_found: of('not_found'), ambiguous: of('ambiguous') };
}

export interface EnrichedRow {
  readonly id: string;
  readonly confidence: number;
  readonly api: string;
  /** Canonical field → value. */
  readonly enriched: Readonly<Record<string, unknown>>;
}

/** Every enriched row of the run: a few thousand. */
export async function enrichedRows(pool: Pool, { pipeline }: Source, owner: string): Promise<EnrichedRow[]> {
  const { rows } = await pool.query<EnrichedRow>(
    `select ${pipeline.idField} as id, match_confidence as confidence, enrichment_source_api as api, enriched
     from ${pipeline.table} where owner = $1 and enrichment_status = 'enriched'`,
    [owner],
  );
  return rows;
}
