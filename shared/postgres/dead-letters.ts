/**
 * The index of what the dead-letter queues hold. The queues are the truth: a row that is wrong after a crash is put
 * right by `reindex`, and no message is ever taken for what a row says.
 */
import type { Pool, PoolClient } from 'pg';
import { type DeadLetter, letterHeaders } from '../task/dead-letter.ts';
import { subjectOf } from '../task/letter-subject.ts';
import { textOfJson } from './storable-json.ts';

export type Client = Pool | PoolClient;

export const LETTER_STATES = ['waiting', 'replayed', 'discarded', 'enriched', 'edited', 'gone'] as const;
/** Where a dead letter is: in its queue, or why it is not there. */
export type LetterState = (typeof LETTER_STATES)[number];

export interface Indexed {
  readonly letter: DeadLetter;
  /** Field of the body that names the entity. */
  readonly idField: string;
}

export interface Mark {
  readonly state: LetterState;
  /** Of a replay that takes the letters. */
  readonly replayId?: string;
  readonly replacedBy?: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const SAVE = `
insert into dead_letters as stored (
  pipeline, message_id, fingerprint, reason, error_class, provider, attempts, first_error, first_error_at, last_error,
  last_error_at, origin_queue, lane, priority, task_id, job_id, owner, entity_id, body, headers, replays,
  state, replay_id, replayed_at, replayed_fingerprint, replaced_by)
select pipeline, id, fingerprint, reason, error_class, provider, attempts, first_error,
  to_timestamp(first_error_at / 1000.0), error, to_timestamp(died_at / 1000.0), origin_queue, lane, priority, task_id,
  job_id, owner, entity_id, decode(body, 'base64'), headers, replays,
  $2, $3::uuid, case when $3::uuid is not null then now() end,
  case when $3::uuid is not null then fingerprint end, $4
from jsonb_to_recordset($1::jsonb) as row (
  pipeline text, id text, fingerprint text, reason text, error_class text, provider text, attempts integer,
  first_error text, first_error_at double precision, error text, died_at double precision, origin_queue text,
  lane text, priority smallint, task_id text, job_id uuid, owner text, entity_id text, body text, headers jsonb,
  replays integer)
order by pipeline collate "C", id collate "C"
on conflict (pipeline, message_id) do update set
  fingerprint = excluded.fingerprint, reason = excluded.reason, error_class = excluded.error_class,
  provider = excluded.provider, attempts = excluded.attempts, first_error = excluded.first_error,
  first_error_at = excluded.first_error_at, last_error = excluded.last_error,
  last_error_at = excluded.last_error_at, origin_queue = excluded.origin_queue, lane = excluded.lane,
  priority = excluded.priority, body = excluded.body, headers = excluded.headers, replays = excluded.replays,
  task_id = excluded.task_id, job_id = excluded.job_id, owner = excluded.owner, entity_id = excluded.entity_id,
  state = excluded.state, replay_id = coalesce(excluded.replay_id, stored.replay_id),
  replayed_at = coalesce(excluded.replayed_at, stored.replayed_at),
  replayed_fingerprint = coalesce(excluded.replayed_fingerprint, stored.replayed_fingerprint),
  replaced_by = coalesce(excluded.replaced_by, stored.replaced_by), updated_at = now()
where (excluded.replays, excluded.last_error_at) >= (stored.replays, stored.last_error_at)`;

/**
 * Inserts the letters, or brings their rows up to date and into this state. A row that knows of a later death is left
 * as it is: the same letter twice, in any order, is one row. Clocks of workers differ, so a death after a replay is
 * later by the count of replays, and only then by the time. Locks rows in the order of their keys.
 */
export async function saveDeadLetters(
  client: Client,
  letters: readonly Indexed[],
  mark: Mark = { state: 'waiting' },
): Promise<void> {
  if (letters.length === 0) return;
  const rows = new Map<string, object>();
  for (const { letter, idField } of [...letters].sort((a, b) => a.letter.diedAt - b.letter.diedAt))
    rows.set(`${letter.pipeline} ${letter.id}`, encodeRow(letter, idField));
  await client.query(SAVE, [
    textOfJson([...rows.values()]),
    mark.state,
    mark.replayId ?? null,
    mark.replacedBy ?? null,
  ]);
}

function encodeRow(letter: DeadLetter, idField: string): object {
  const { taskId, jobId, owner, entityId } = subjectOf(letter, idField);
  return {
    pipeline: letter.pipeline,
    id: letter.id,
    fingerprint: letter.fingerprint,
    reason: letter.reason,
    error_class: letter.errorClass,
    provider: letter.provider ?? null,
    attempts: letter.attempts,
    first_error: letter.firstError,
    first_error_at: letter.firstErrorAt,
    error: letter.error,
    died_at: letter.diedAt,
    origin_queue: letter.originQueue,
    lane: letter.lane,
    priority: letter.priority,
    task_id: taskId ?? null,
    // Foreign jobs may have ids of any form; ours are uuids.
    job_id: jobId !== undefined && UUID.test(jobId) ? jobId : null,
    owner,
    entity_id: entityId ?? null,
    body: letter.body.toString('base64'),
    headers: letterHeaders(letter),
    replays: letter.replays,
  };
}

/** The server's time, in epoch milliseconds: what `markGone` compares with. */
export async function databaseTime(client: Client): Promise<number> {
  const { rows } = await client.query<{ now: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now',
  );
  return rows[0]?.now ?? 0;
}

/** Rows that say `waiting` and that nobody has touched since: their messages are not in the queue. Returns how many. */
export async function markGone(client: Client, pipeline: string, untouchedSince: number): Promise<number> {
  const { rowCount } = await client.query(
    `update dead_letters set state = 'gone', updated_at = now()
     where pipeline = $1 and state = 'waiting' and updated_at < to_timestamp($2::float8 / 1000)`,
    [pipeline, untouchedSince],
  );
  return rowCount ?? 0;
}

/** Forgets letters that are in no queue and that nothing has happened to for so long. At most 10,000 at once. */
export async function forgetLetters(client: Client, afterDays: number): Promise<void> {
  await client.query(
    `delete from dead_letters where (pipeline, message_id) in (
       select pipeline, message_id from dead_letters
       where state <> 'waiting' and updated_at < now() - make_interval(days => $1) limit 10000)`,
    [afterDays],
  );
}

/** Which of these the index calls `waiting`. */
export async function waitingIds(
  client: Client,
  pipeline: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ message_id: string }>(
    `select message_id from dead_letters where pipeline = $1 and message_id = any ($2) and state = 'waiting'`,
    [pipeline, ids],
  );
  return new Set(rows.map(({ message_id }) => message_id));
}
