/** Questions to the index of dead letters; see dead-letters.ts for what it is. Times are epoch milliseconds. */
import type { DeadLetterFilter } from '../task/dead-letter-filter.ts';
import type { Client, LetterState } from './dead-letters.ts';

export interface LetterGroup {
  readonly fingerprint: string;
  readonly pipeline: string;
  readonly reason: string;
  readonly errorClass: string;
  readonly provider: string | null;
  readonly count: number;
  /** Of all that match the filter, 0 to 1. */
  readonly share: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** The latest one: its error and its id. */
  readonly sample: string;
  readonly sampleId: string;
  /** How many of them have come back from a replay. */
  readonly replayed: number;
}

export interface IndexedLetter {
  readonly id: string;
  readonly pipeline: string;
  readonly fingerprint: string;
  readonly reason: string;
  readonly errorClass: string;
  readonly provider: string | null;
  readonly attempts: number;
  readonly replays: number;
  readonly firstError: string;
  readonly firstErrorAt: number;
  readonly error: string;
  readonly diedAt: number;
  readonly originQueue: string;
  readonly lane: string;
  readonly taskId: string | null;
  readonly jobId: string | null;
  readonly owner: string;
  readonly entityId: string | null;
  readonly state: LetterState;
  readonly replacedBy: string | null;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Where to go on: the last letter of the page before. */
export type LetterPosition = Pick<IndexedLetter, 'diedAt' | 'pipeline' | 'id'>;

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;

const LETTER = `
select message_id as "id", pipeline, fingerprint, reason, coalesce(error_class, reason) as "errorClass", provider,
  attempts, replays, coalesce(first_error, '') as "firstError",
  coalesce(${ms('first_error_at')}, ${ms('last_error_at')}) as "firstErrorAt", coalesce(last_error, '') as "error",
  ${ms('last_error_at')} as "diedAt", origin_queue as "originQueue", lane, task_id as "taskId",
  job_id as "jobId", owner, entity_id as "entityId", state, replaced_by as "replacedBy", body, headers
from dead_letters`;

/** Groups of letters that wait in the queues, the largest first. One pass over the rows, no sort of them. */
export async function listGroups(client: Client, filter: DeadLetterFilter): Promise<LetterGroup[]> {
  const { where, values } = conditionsOf(filter);
  const { rows } = await client.query<LetterGroup>(
    `with groups as (
       select fingerprint, pipeline, count(*)::float8 as letters, min(last_error_at) as first_seen,
         max(last_error_at) as last_seen, count(*) filter (where replays > 0)::float8 as replayed
       from dead_letters where state = 'waiting' and ${where} group by fingerprint, pipeline
     )
     select groups.fingerprint, groups.pipeline, letters as count, letters / sum(letters) over () as share,
       ${ms('first_seen')} as "firstSeen", ${ms('last_seen')} as "lastSeen", replayed,
       latest.reason, latest."errorClass", latest.provider, latest.error as sample, latest.id as "sampleId"
     from groups cross join lateral (
       select message_id as id, reason, coalesce(error_class, reason) as "errorClass", provider,
         coalesce(last_error, '') as error
       from dead_letters as letter
       where letter.state = 'waiting' and letter.fingerprint = groups.fingerprint
         and letter.last_error_at = groups.last_seen and letter.pipeline = groups.pipeline
       order by message_id limit 1
     ) as latest
     order by letters desc, groups.fingerprint, groups.pipeline`,
    [...values],
  );
  return rows;
}

/** How many letters in the queues match. */
export async function countLetters(client: Client, filter: DeadLetterFilter): Promise<number> {
  const { where, values } = conditionsOf(filter);
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::float8 as count from dead_letters where state = 'waiting' and ${where}`,
    [...values],
  );
  return rows[0]?.count ?? 0;
}

/** One page of the letters in the queues that match, the newest first. */
export async function listLetters(
  client: Client,
  filter: DeadLetterFilter,
  page: { readonly limit: number; readonly after?: LetterPosition },
): Promise<IndexedLetter[]> {
  const { where, values } = conditionsOf(filter);
  const { diedAt, pipeline, id } = page.after ?? { diedAt: null, pipeline: '', id: '' };
  const at = values.length;
  const { rows } = await client.query<IndexedLetter>(
    `${LETTER} where state = 'waiting' and ${where}
       and ($${at + 2}::float8 is null
         or (last_error_at, pipeline, message_id)
           < (to_timestamp($${at + 2}::float8 / 1000), $${at + 3}::text, $${at + 4}::text))
     order by last_error_at desc, pipeline desc, message_id desc limit $${at + 1}`,
    [...values, page.limit, diedAt, pipeline, id],
  );
  return rows;
}

/** Letters of this id (or of the task with this id) in whatever state, of every pipeline that has one. */
export async function findLetters(client: Client, id: string): Promise<IndexedLetter[]> {
  const { rows } = await client.query<IndexedLetter>(
    `${LETTER} where message_id = $1 or task_id = $1 order by last_error_at desc limit 20`,
    [id],
  );
  return rows;
}

function conditionsOf(filter: DeadLetterFilter): { where: string; values: readonly unknown[] } {
  const values: unknown[] = [];
  const conditions = ['true'];
  const add = (value: unknown, condition: (parameter: string) => string): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  add(filter.id, (id) => `message_id = ${id}`);
  add(filter.pipeline, (name) => `pipeline = ${name}`);
  add(filter.group, (group) => `starts_with(fingerprint, ${group})`);
  add(filter.provider, (name) => `provider = ${name}`);
  add(filter.reason, (reason) => `reason = ${reason}`);
  add(filter.jobId, (jobId) => `job_id = ${jobId}::uuid`);
  add(filter.owner, (owner) => `owner = ${owner}`);
  add(filter.since, (since) => `last_error_at >= to_timestamp(${since}::float8 / 1000)`);
  add(
    filter.grep?.toLowerCase(),
    (text) => `(strpos(lower(last_error), ${text}) > 0 or strpos(lower(readable_text(body)), ${text}) > 0)`,
  );
  return { where: conditions.join(' and '), values };
}
