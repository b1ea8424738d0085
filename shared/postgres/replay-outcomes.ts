/** What became of replayed letters, told by the rows that the workers write: nobody has to remember the tasks. */
import type { Client } from './dead-letters.ts';
import type { ResultTable } from './result-statement.ts';

export interface ReplayOutcome {
  /** Letters that this replay put back on their way. */
  readonly replayed: number;
  readonly enriched: number;
  /** Not found, ambiguous or cancelled: settled, and not dead. */
  readonly settledOtherwise: number;
  /** Dead again. */
  readonly back: number;
  /** Dead again with the error that they had before. */
  readonly backWithSameError: number;
  /** Of the latest 50 with an outcome. */
  readonly latest: { readonly settled: number; readonly back: number };
}

export interface ReplayQuery {
  readonly replayId: string;
  readonly table: ResultTable;
  readonly idField: string;
}

const LATEST = 50;

/**
 * A verdict counts from the moment of the replay on; so does one that another task has brought for the same entity. A
 * verdict without a match counts from the death on: coming to it once more leaves its row as it is.
 */
export async function replayOutcome(
  client: Client,
  { replayId, table, idField }: ReplayQuery,
): Promise<ReplayOutcome> {
  const { rows } = await client.query<
    Record<keyof Omit<ReplayOutcome, 'latest'> | 'settled' | 'latest', number>
  >(
    `with outcomes as (
       select letter.state = 'waiting' as is_back,
         letter.fingerprint is not distinct from letter.replayed_fingerprint as is_same,
         case when letter.state = 'replayed' then result.enrichment_status end as status,
         case when letter.state = 'waiting' then letter.updated_at else result.updated_at end as settled_at
       from dead_letters as letter
       left join ${table} as result on result.owner = letter.owner and result.${idField} = letter.entity_id
         and result.enrichment_status <> 'dead'
         and result.updated_at >=
           case when result.enrichment_status = 'enriched' then letter.replayed_at else letter.last_error_at end
       where letter.replay_id = $1
     ), latest as (
       select is_back from outcomes where is_back or status is not null order by settled_at desc limit ${LATEST}
     )
     select count(*)::float8 as replayed,
       count(*) filter (where status = 'enriched')::float8 as enriched,
       count(*) filter (where status <> 'enriched')::float8 as "settledOtherwise",
       count(*) filter (where is_back)::float8 as back,
       count(*) filter (where is_back and is_same)::float8 as "backWithSameError",
       (select count(*) from latest)::float8 as settled,
       (select count(*) filter (where is_back) from latest)::float8 as latest
     from outcomes`,
    [replayId],
  );
  const [row] = rows;
  return {
    replayed: row?.replayed ?? 0,
    enriched: row?.enriched ?? 0,
    settledOtherwise: row?.settledOtherwise ?? 0,
    back: row?.back ?? 0,
    backWithSameError: row?.backWithSameError ?? 0,
    latest: { settled: row?.settled ?? 0, back: row?.latest ?? 0 },
  };
}

export interface Entity {
  readonly owner: string;
  readonly entityId: string;
  /** Epoch milliseconds of the death. */
  readonly diedAt: number;
}

/** For each entity whether it has been enriched since it died. */
export async function enrichedSince(
  client: Client,
  { table, idField }: Pick<ReplayQuery, 'table' | 'idField'>,
  entities: readonly Entity[],
): Promise<readonly boolean[]> {
  if (entities.length === 0) return [];
  const { rows } = await client.query<{ at: number }>(
    `select at::int as at from unnest($1::text[], $2::text[], $3::float8[]) with ordinality as asked (owner, id, died_at, at)
     join ${table} as result on result.owner = asked.owner and result.${idField} = asked.id
     where result.enrichment_status = 'enriched'
       and result.enrichment_timestamp > to_timestamp(asked.died_at / 1000)`,
    [
      entities.map(({ owner }) => owner),
      entities.map(({ entityId }) => entityId),
      entities.map(({ diedAt }) => diedAt),
    ],
  );
  const found = new Set(rows.map(({ at }) => at));
  return entities.map((_, index) => found.has(index + 1));
}
