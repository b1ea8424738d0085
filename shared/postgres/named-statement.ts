/**
 * Large statements that run for every batch, parsed and planned once for each connection instead of each time: about a
 * millisecond of the server, as much as the rest of a commit of one row.
 *
 * A pooler that hands its server connections out by transaction may not know their names (pgbouncer before 1.21, or
 * without `max_prepared_statements`). Its first refusal ends the naming in this process, and `withTransaction` runs the
 * refused transaction again. Names are those of the text, so that no other release's statement is run in its place.
 */
import { createHash } from 'node:crypto';
import type { QueryConfig } from 'pg';

const names = new Map<string, string>();
let isNaming = true;

/** The query, by name as long as names are understood. For use within `withTransaction`. */
export const named = (text: string, values: unknown[]): QueryConfig =>
  isNaming ? { name: nameOf(text), text, values } : { text, values };

/**
 * For a transaction with named statements: the server keeps their plans, and one that it made while a table was as good as
 * empty would read the table from end to end for every row, until somebody analyses it.
 */
export const BY_INDEX = ['set local enable_seqscan = off'];

/** No name is used from now on. */
export function stopNaming(): void {
  isNaming = false;
}

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `enrichment_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  names.set(text, name);
  return name;
}
