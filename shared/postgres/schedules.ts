/**
 * Leases of what is done again and again. One row for each schedule: whoever gets it runs this turn, renews it while it
 * runs, and nobody else begins before it is given back or has lapsed. Every statement stands alone, so all of it works
 * through a pooler in transaction mode.
 */
import type { Fields } from '../task/fields.ts';
import type { Client } from './dead-letters.ts';
import { textOfJson } from './storable-json.ts';

/** Renew it three times within this. */
export const TURN_SECONDS = 30;

export interface ScheduleRow {
  readonly name: string;
  readonly cron: string;
  /** False = only when somebody asks for it. */
  readonly enabled: boolean;
  /** Epoch milliseconds; Infinity = never by itself. */
  readonly nextAt: number;
  /** Empty = nobody runs it now. */
  readonly holder: string;
  /** Turns that fell into a run which was still going, since ever. */
  readonly skipped: number;
}

/** Makes the schedule known, or changes when it is due; a turn that is going on is left alone. */
export async function saveSchedule(
  client: Client,
  { name, cron, nextAt, enabled }: Pick<ScheduleRow, 'name' | 'cron' | 'nextAt' | 'enabled'>,
): Promise<void> {
  await client.query(
    `insert into schedules as stored (name, cron, next_at, enabled) values ($1, $2, to_timestamp($3::float8 / 1000), $4)
     on conflict (name) do update set cron = excluded.cron, enabled = excluded.enabled, updated_at = now(),
       next_at = case when stored.cron = excluded.cron then stored.next_at else excluded.next_at end
     where (stored.cron, stored.enabled) is distinct from (excluded.cron, excluded.enabled)`,
    [name, cron, nextAt, enabled],
  );
}

export async function listSchedules(client: Client): Promise<readonly ScheduleRow[]> {
  const { rows } = await client.query<ScheduleRow>(
    `select name, cron, enabled, (extract(epoch from next_at) * 1000)::float8 as "nextAt", skipped::float8 as skipped,
       case when held_until > now() then holder else '' end as holder
     from schedules order by name`,
  );
  return rows;
}

/** Due now, by the clock of the database. */
export async function listDueSchedules(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    'select name from schedules where next_at <= now() order by next_at',
  );
  return rows.map(({ name }) => name);
}

export type Turn =
  | { readonly kind: 'taken'; readonly runId: number }
  /** The run before is still going: this turn is counted as skipped. */
  | { readonly kind: 'skipped'; readonly runId: number; readonly holder: string }
  /** Somebody else was quicker. */
  | { readonly kind: 'none' };

export interface TurnRequest {
  readonly name: string;
  /** Unique to this process. */
  readonly holder: string;
  /** Epoch milliseconds of the turn after this one. */
  readonly nextAt: number;
}

/** Takes the turn that is due, for one caller alone, however many ask. */
export async function takeTurn(client: Client, { name, holder, nextAt }: TurnRequest): Promise<Turn> {
  const { rows } = await client.query<{ run_id: number }>(
    `with taken as (
       update schedules set holder = $2, held_until = now() + make_interval(secs => ${TURN_SECONDS}),
         next_at = to_timestamp($3::float8 / 1000), updated_at = now()
       where name = $1 and next_at <= now() and (holder = '' or held_until < now())
       returning name
     ), lost as (
       update schedule_runs set outcome = 'lost', finished_at = now()
       where schedule in (select name from taken) and outcome = 'running'
     ), run as (
       insert into schedule_runs (schedule, holder) select name, $2 from taken returning id
     )
     select id::float8 as run_id from run`,
    [name, holder, nextAt],
  );
  const [taken] = rows;
  return taken === undefined
    ? skipTurn(client, { name, holder, nextAt })
    : { kind: 'taken', runId: taken.run_id };
}

async function skipTurn(client: Client, { name, nextAt }: TurnRequest): Promise<Turn> {
  const { rows } = await client.query<{ holder: string; run_id: number }>(
    `with skipped as (
       update schedules set skipped = skipped + 1, next_at = to_timestamp($2::float8 / 1000), updated_at = now()
       where name = $1 and next_at <= now() and holder <> '' and held_until >= now()
       returning name
     )
     update schedule_runs set skipped = skipped + 1
     where schedule in (select name from skipped) and outcome = 'running'
     returning holder, id::float8 as run_id`,
    [name, nextAt],
  );
  const [row] = rows;
  return row === undefined ? { kind: 'none' } : { kind: 'skipped', runId: row.run_id, holder: row.holder };
}

/** False = the lease has lapsed and somebody else has it: stop. */
export async function renewTurn(client: Client, name: string, holder: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `update schedules set held_until = now() + make_interval(secs => ${TURN_SECONDS})
     where name = $1 and holder = $2`,
    [name, holder],
  );
  return rowCount === 1;
}

export interface RunEnd {
  readonly outcome: 'ok' | 'failed';
  readonly error?: string;
  /** What came of it, for people and for the next run. */
  readonly detail: Fields;
}

/** Gives the turn back and writes down what came of it. */
export async function endTurn(
  client: Client,
  { name, holder, runId }: { readonly name: string; readonly holder: string; readonly runId: number },
  { outcome, error, detail }: RunEnd,
): Promise<void> {
  await client.query(
    `with ended as (
       update schedules set holder = '', held_until = null, last_run_id = $3 where name = $1 and holder = $2
     )
     update schedule_runs set outcome = $4, error = $5, detail = $6::jsonb, finished_at = now()
     where id = $3 and outcome = 'running'`,
    [name, holder, runId, outcome, error ?? null, textOfJson(detail)],
  );
}

export interface ScheduleRun {
  readonly id: number;
  readonly schedule: string;
  readonly holder: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly outcome: 'running' | 'ok' | 'failed' | 'lost';
  readonly error: string | null;
  /** Turns that passed while it went on. */
  readonly skipped: number;
  readonly detail: Fields;
}

/** The latest runs, newest first; of this schedule, or of all. */
export async function listRuns(
  client: Client,
  schedule: string | null,
  limit: number,
): Promise<readonly ScheduleRun[]> {
  const { rows } = await client.query<ScheduleRun>(
    `select id::float8 as id, schedule, holder, outcome, error, skipped, detail,
       (extract(epoch from started_at) * 1000)::float8 as "startedAt",
       (extract(epoch from finished_at) * 1000)::float8 as "finishedAt"
     from schedule_runs where $1::text is null or schedule = $1 order by schedule_runs.id desc limit $2`,
    [schedule, limit],
  );
  return rows;
}

/** Makes it due now; one that is running is not begun a second time. False = there is no such schedule. */
export async function runScheduleNow(client: Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query('update schedules set next_at = now() where name = $1', [name]);
  return rowCount === 1;
}

/** Forgets runs that ended so long ago. */
export async function forgetRuns(client: Client, afterDays: number): Promise<void> {
  await client.query(
    `delete from schedule_runs where id in (
       select id from schedule_runs where finished_at < now() - make_interval(days => $1) limit 10000)`,
    [afterDays],
  );
}
