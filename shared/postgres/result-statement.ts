/**
 * The statement behind `saveResults`: one text for a table, whatever the number of rows.
 *
 * The rows come as one JSON array. Measured in batches of 200 rows of 2.2 KB (14 fields with their provenance) on
 * PostgreSQL 15, processor time a row of the server and of the client, and rows/s of one connection on two busy cores:
 *
 *                          jsonb_to_recordset     json_to_recordset    unnest of 18 arrays
 *   inserted               57 + 25 µs  12,700     79 + 26 µs  9,900    67 + 73 µs  5,800
 *   unchanged              49 + 18 µs  15,200     59 + 17 µs 13,400    53 + 71 µs  7,500
 *
 * (json parses every nested value twice; arrays make the client quote each of them.) More than half of it is parsing.
 * Leaving unchanged rows out before the insert, rather than in the WHERE of its conflict clause, takes them from 176 to
 * 49 µs, since a conflict locks the row whatever its WHERE says, and costs an insert 6 µs. A changed row costs 205 µs.
 * OFFSET 0 keeps that a look at one key for each row. As a join it is planned for 100 rows, and reads a table from end to
 * end that is small or has not been analysed yet: with 2,500 rows a commit of one takes 10 ms instead of 0.5, with 20,000
 * rows one of 200 takes 85 ms instead of 10.
 *
 * Since then fields of one and the same origin, which are those of nearly every row, come with that origin once, and the
 * server repeats it: half of the bytes, and 10 µs less of the client for each row.
 */

export type ResultTable = 'tracks' | 'movies';

const ID_COLUMN: Record<ResultTable, string> = { tracks: 'track_id', movies: 'movie_id' };

/** Submitted fields that have a column of their own, with its type. */
export const SUBMITTED: Record<ResultTable, Readonly<Record<string, string>>> = {
  tracks: { artist: 'text', title: 'text', album: 'text', isrc: 'text', duration_ms: 'integer' },
  movies: { title: 'text', year: 'integer', imdb_id: 'text', runtime_min: 'integer', director: 'text' },
};

/** Columns that speak of one verdict and are taken from it together. */
const VERDICT: Readonly<Record<string, string>> = {
  enrichment_status: 'text',
  match: 'jsonb',
  match_confidence: 'double precision',
  enrichment_source_api: 'text',
  source_data_version: 'text',
  missing: 'text[]',
};

/** A cancelled task has no time, and nothing is later than no time. */
const IS_LATEST = `coalesce(excluded.answered_at >= coalesce(stored.answered_at, '-infinity'), false)`;

/** Enriching verdicts are compared with each other; any of them comes before all others. */
const IS_VERDICT = `case
    when stored.answered_at is null then excluded.answered_at is not null
    when stored.enrichment_timestamp is null then excluded.enrichment_timestamp is not null or ${IS_LATEST}
    else coalesce(excluded.enrichment_timestamp >= stored.enrichment_timestamp, false) end`;

/** The incoming fields that were not fetched before the stored ones, out of either object. */
const newerFields = (column: 'enriched' | 'provenance'): string => `stored.${column} || coalesce((
    select jsonb_object_agg(key, excluded.${column} -> key)
    from jsonb_each(excluded.provenance) as incoming (key, origin)
    where excluded.enriched ? key and (
      stored.provenance -> key is null
      or ((origin ->> 'fetched_at')::bigint, origin ->> 'provider' collate "C")
         >= ((stored.provenance -> key ->> 'fetched_at')::bigint, stored.provenance -> key ->> 'provider' collate "C"))
  ), '{}')`;

/** Column → what it holds after the merge. */
function mergedColumns(table: ResultTable): [column: string, merged: string][] {
  return [
    ...Object.keys(SUBMITTED[table]).map((column): [string, string] => [
      column,
      `case when ${IS_LATEST} then coalesce(excluded.${column}, stored.${column}) else stored.${column} end`,
    ]),
    ['extra', `case when ${IS_LATEST} then excluded.extra else stored.extra end`],
    ['enriched', newerFields('enriched')],
    ['provenance', newerFields('provenance')],
    ...Object.keys(VERDICT).map((column): [string, string] => [
      column,
      `case when ${IS_VERDICT} then excluded.${column} else stored.${column} end`,
    ]),
    ['enrichment_timestamp', 'greatest(stored.enrichment_timestamp, excluded.enrichment_timestamp)'],
    ['answered_at', 'greatest(stored.answered_at, excluded.answered_at)'],
  ];
}

function buildStatement(table: ResultTable): string {
  const id = ID_COLUMN[table];
  const submitted = Object.keys(SUBMITTED[table]);
  const shared = [...submitted, 'extra', 'enriched', 'provenance', ...Object.keys(VERDICT)];
  const types = { ...SUBMITTED[table], extra: 'jsonb', enriched: 'jsonb', ...VERDICT };
  const merged = mergedColumns(table);
  return `
with incoming as (
  select row.*,
    coalesce(own_provenance, (select jsonb_object_agg(field, origin) from jsonb_object_keys(enriched) as field), '{}')
      as provenance,
    case when enrichment_status <> 'cancelled' then to_timestamp(at / 1000.0) end as answered_at,
    case when enrichment_status = 'enriched' then to_timestamp(at / 1000.0) end as enrichment_timestamp
  from jsonb_to_recordset($1::jsonb) as row (
    owner text, id text, task_id text, at bigint, origin jsonb, own_provenance jsonb,
    ${Object.entries(types)
      .map(([column, type]) => `${column} ${type}`)
      .join(', ')})
)
insert into ${table} as stored (owner, ${id}, task_id, answered_at, enrichment_timestamp, ${shared.join(', ')})
select owner, id, task_id, answered_at, enrichment_timestamp, ${shared.join(', ')}
from incoming
where not exists (
  select from ${table} as same
  where same.owner = incoming.owner and same.${id} = incoming.id
    and (same.answered_at, same.enrichment_timestamp, ${shared.map((column) => `same.${column}`).join(', ')})
      is not distinct from
        (incoming.answered_at, incoming.enrichment_timestamp, ${shared
          .map((column) =>
            submitted.includes(column)
              ? `coalesce(incoming.${column}, same.${column})`
              : `incoming.${column}`,
          )
          .join(', ')})
  offset 0)
order by owner collate "C", id collate "C"
on conflict (owner, ${id}) do update set
  ${merged.map(([column, value]) => `${column} = ${value}`).join(',\n  ')},
  task_id = excluded.task_id,
  updated_at = now()
where (${merged.map(([column]) => `stored.${column}`).join(', ')})
  is distinct from (${merged.map(([, value]) => value).join(',\n    ')})`;
}

const STATEMENTS: Record<ResultTable, string> = {
  tracks: buildStatement('tracks'),
  movies: buildStatement('movies'),
};

/** Takes the rows as one JSON array. */
export const resultStatement = (table: ResultTable): string => STATEMENTS[table];
