/** What a bare client stores of a warm task: the same values as the pipeline does, in as few steps as they take. */
import type { Answer } from '../../shared/task/answer.ts';
import { bareKey } from '../warm/warm-load.ts';

export interface WarmTask {
  readonly track_id: string;
  readonly artist: string;
  readonly title: string;
  readonly owner: string;
}

export const readBody = (body: Buffer): WarmTask => JSON.parse(body.toString()) as WarmTask;

export const keyOf = ({ artist, title }: WarmTask): string => bareKey(artist, title);

/** Of the table that `createTable` makes, in the order of its columns. */
export type WarmRow = readonly (string | number | null)[];

const COLUMNS: readonly (readonly [name: string, type: string])[] = [
  ['owner', 'text'],
  ['id', 'text'],
  ['artist', 'text'],
  ['title', 'text'],
  ['status', 'text'],
  ['enriched', 'jsonb'],
  ['provenance', 'jsonb'],
  ['match', 'jsonb'],
  ['match_confidence', 'double precision'],
  ['source', 'text'],
  ['version', 'text'],
  ['answered_at', 'double precision'],
];

export const TABLE = 'bench_results';

export const CREATE_TABLE = `drop table if exists ${TABLE};
create table ${TABLE} (${COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ')},
  updated_at timestamptz not null default now(), primary key (owner, id))`;

const names = COLUMNS.map(([name]) => name);
const onConflict = `on conflict (owner, id) do update set ${names
  .slice(2)
  .map((name) => `${name} = excluded.${name}`)
  .join(', ')}, updated_at = now()`;

/** One row: its values are the parameters. */
export const SAVE_ONE = `insert into ${TABLE} (${names.join(', ')})
values (${names.map((_, at) => `$${at + 1}`).join(', ')}) ${onConflict}`;

/** Any number of rows: a parameter is a column of all of them. */
export const SAVE_MANY = `insert into ${TABLE} (${names.join(', ')})
select * from unnest(${COLUMNS.map(([, type], at) => `$${at + 1}::${type}[]`).join(', ')}) ${onConflict}`;

/** The parameters of SAVE_MANY. */
export const columnsOf = (rows: readonly WarmRow[]): unknown[] =>
  COLUMNS.map((_, column) => rows.map((row) => row[column] ?? null));

export function rowOf(task: WarmTask, answerText: string | null): WarmRow {
  if (answerText === null) throw new Error(`no answer is cached for ${task.title}: nothing here is warm`);
  const { provider, id, fetchedAt, expiresAt, fields = {}, match } = JSON.parse(answerText) as Answer;
  const origin = { provider, id, fetched_at: fetchedAt, expires_at: expiresAt };
  const provenance = Object.fromEntries(Object.keys(fields).map((field) => [field, origin]));
  return [
    task.owner,
    task.track_id,
    task.artist,
    task.title,
    'enriched',
    JSON.stringify(fields),
    JSON.stringify(provenance),
    JSON.stringify(match),
    match?.score ?? null,
    provider,
    match?.matcherVersion ?? null,
    fetchedAt,
  ];
}
