/**
 * The result tables, one row for each entity of an owner, merged from every task that settles for it. What the row says
 * in the end does not depend on the order in which tasks arrive:
 *
 * - a canonical field holds the value that was fetched last (the same instant: the later provider name); no outcome
 *   removes a field
 * - status, match and source are those of the latest enriching verdict; before there is one, of the latest verdict.
 *   `cancelled` is no verdict: it stays only until there is one
 * - submitted fields and extra are those of the latest verdict of any kind; a field that was not submitted leaves
 *   what is there
 * - of two things with the same time and a different content the one that arrives later stays
 */
import type { Pool, PoolClient } from 'pg';
import type { Provenance, ResultRow } from '../task/result.ts';
import { named } from './named-statement.ts';
import { resultStatement, type ResultTable, SUBMITTED } from './result-statement.ts';
import { textOfJson } from './storable-json.ts';

/**
 * Writes the rows, at most one statement for each time that a key repeats with another content, and returns how many
 * rows were inserted or changed. A row that would not change is neither written nor locked: it leaves no dead tuple.
 * Keys are locked in order, so that two batches do not deadlock; run it in `withTransaction` all the same.
 *
 * One bad row fails the whole statement with a data fault (`isDataFault`); finding it is the caller's business.
 */
export async function saveResults(
  client: PoolClient | Pool,
  table: ResultTable,
  rows: readonly ResultRow[],
): Promise<number> {
  let changed = 0;
  for (const round of roundsOf(rows.map((row) => encodeRow(table, row)))) {
    const result = await client.query(named(resultStatement(table), [textOfJson(round)]));
    changed += result.rowCount ?? 0;
  }
  return changed;
}

/** A row as the statement reads it. */
interface EncodedRow {
  readonly owner: string;
  readonly id: string;
  readonly task_id: string;
  readonly [column: string]: unknown;
}

function encodeRow(table: ResultTable, row: ResultRow): EncodedRow {
  const submitted: Record<string, unknown> = {};
  for (const field in SUBMITTED[table]) submitted[field] = row.entity[field];
  const isEnriched = row.outcome === 'enriched';
  return {
    owner: row.owner,
    id: row.id,
    task_id: row.taskId,
    ...submitted,
    extra: row.extra,
    enrichment_status: row.outcome,
    enriched: isEnriched ? row.enriched : {},
    ...encodeProvenance(isEnriched ? row.provenance : {}),
    match: encodeMatch(row.match),
    match_confidence: isEnriched ? row.match?.score : null,
    enrichment_source_api: isEnriched ? row.source : null,
    source_data_version: isEnriched ? row.match?.matcherVersion : null,
    missing: row.partial ? row.missing : [],
    at: row.at,
  };
}

/** One origin for all fields, or the origin of each. */
function encodeProvenance(provenance: ResultRow['provenance']): Record<string, unknown> {
  let origin: Provenance | undefined;
  for (const field in provenance) {
    origin ??= provenance[field];
    if (provenance[field] !== origin) return { own_provenance: provenance };
  }
  return origin === undefined ? {} : { origin };
}

function encodeMatch(match: ResultRow['match']): unknown {
  if (!match) return null;
  return {
    score: match.score,
    rung: match.rung,
    matcher_version: match.matcherVersion,
    distances: match.fields,
    runner_up: match.runnerUp ?? null,
  };
}

/**
 * A statement cannot touch a row twice, so the n-th row of a key goes into the n-th round; the merge rule then has one
 * home, the statement. Repeats with the same content, which is what duplicates are, cost nothing.
 */
function roundsOf(rows: readonly EncodedRow[]): EncodedRow[][] {
  const rounds: EncodedRow[][] = [];
  const seen = new Map<string, { count: number; last: EncodedRow }>();
  for (const row of rows) {
    const key = `${row.owner.length} ${row.owner}${row.id}`;
    const earlier = seen.get(key);
    if (earlier && contentOf(earlier.last) === contentOf(row)) continue;
    const count = earlier?.count ?? 0;
    (rounds[count] ??= []).push(row);
    seen.set(key, { count: count + 1, last: row });
  }
  return rounds;
}

const contentOf = (row: EncodedRow): string => JSON.stringify({ ...row, task_id: null });
