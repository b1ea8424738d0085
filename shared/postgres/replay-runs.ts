/** Replays of dead letters that somebody asked for and does not wait for. Times are epoch milliseconds. */
import type { Fields, Json } from '../task/fields.ts';
import type { Client } from './dead-letters.ts';
import { textOfJson } from './storable-json.ts';

export const REPLAY_STATUSES = ['running', 'completed', 'stopped', 'cancelled', 'failed'] as const;
/** `stopped`: too many came back, or nothing had an outcome; `failed`: it could not be run. */
export type ReplayStatus = (typeof REPLAY_STATUSES)[number];

export interface ReplayRun {
  readonly replayId: string;
  readonly owner: string;
  readonly actor: string;
  readonly request: Fields;
  readonly status: ReplayStatus;
  readonly progress: Fields;
  readonly error: string | null;
  readonly isCancelWanted: boolean;
  readonly createdAt: number;
  readonly endedAt: number | null;
}

/** Renew it three times within this. */
const REPLAY_LEASE_SECONDS = 30;

const COLUMNS = `replay_id as "replayId", owner, actor, request, status, progress, error,
  is_cancel_wanted as "isCancelWanted", (extract(epoch from created_at) * 1000)::float8 as "createdAt",
  (extract(epoch from ended_at) * 1000)::float8 as "endedAt"`;

export async function insertReplayRun(
  client: Client,
  run: Pick<ReplayRun, 'owner' | 'actor' | 'request' | 'progress'>,
): Promise<ReplayRun> {
  const { rows } = await client.query<ReplayRun>(
    `insert into dead_letter_replays (owner, actor, request, progress) values ($1, $2, $3::jsonb, $4::jsonb)
     returning ${COLUMNS}`,
    [run.owner, run.actor, textOfJson(run.request), textOfJson(run.progress)],
  );
  const [inserted] = rows;
  if (inserted === undefined) throw new Error('a replay was inserted and not returned');
  return inserted;
}

/** @param owner null = whoever's */
export async function findReplayRun(
  client: Client,
  replayId: string,
  owner: string | null,
): Promise<ReplayRun | undefined> {
  const { rows } = await client.query<ReplayRun>(
    `select ${COLUMNS} from dead_letter_replays where replay_id = $1 and ($2::text is null or owner = $2)`,
    [replayId, owner],
  );
  return rows[0];
}

/** The newest first. */
export async function listReplayRuns(
  client: Client,
  owner: string | null,
  limit: number,
): Promise<readonly ReplayRun[]> {
  const { rows } = await client.query<ReplayRun>(
    `select ${COLUMNS} from dead_letter_replays where $1::text is null or owner = $1
     order by created_at desc limit $2`,
    [owner, limit],
  );
  return rows;
}

/** Takes one that nobody runs: it is new, or who ran it is gone. Undefined = there is none. */
export async function takeReplayRun(client: Client, holder: string): Promise<ReplayRun | undefined> {
  const { rows } = await client.query<ReplayRun>(
    `update dead_letter_replays set holder = $1, leased_until = now() + make_interval(secs => ${REPLAY_LEASE_SECONDS})
     where replay_id = (
       select replay_id from dead_letter_replays where status = 'running' and leased_until <= now()
       order by created_at limit 1 for update skip locked)
     returning ${COLUMNS}`,
    [holder],
  );
  return rows[0];
}

/** Writes down how far it is. `isOurs` false = somebody else runs it now. */
export async function renewReplayRun(
  client: Client,
  { replayId, holder }: { readonly replayId: string; readonly holder: string },
  progress: Json,
): Promise<{ readonly isOurs: boolean; readonly isCancelWanted: boolean }> {
  const { rows } = await client.query<{ wanted: boolean }>(
    `update dead_letter_replays
     set progress = $3::jsonb, leased_until = now() + make_interval(secs => ${REPLAY_LEASE_SECONDS})
     where replay_id = $1 and holder = $2 and status = 'running' returning is_cancel_wanted as wanted`,
    [replayId, holder, textOfJson(progress)],
  );
  return { isOurs: rows.length === 1, isCancelWanted: rows[0]?.wanted ?? false };
}

/** Leaves it to whoever comes next. */
export async function leaveReplayRun(client: Client, replayId: string, holder: string): Promise<void> {
  await client.query(
    `update dead_letter_replays set holder = '', leased_until = now() where replay_id = $1 and holder = $2`,
    [replayId, holder],
  );
}

export async function endReplayRun(
  client: Client,
  { replayId, holder }: { readonly replayId: string; readonly holder: string },
  end: {
    readonly status: Exclude<ReplayStatus, 'running'>;
    readonly progress: Json;
    readonly error?: string;
  },
): Promise<void> {
  await client.query(
    `update dead_letter_replays set status = $3, progress = $4::jsonb, error = $5, ended_at = now()
     where replay_id = $1 and holder = $2 and status = 'running'`,
    [replayId, holder, end.status, textOfJson(end.progress), end.error ?? null],
  );
}

/** Idempotent; whoever runs it notices within a second or two. */
export async function wantReplayCancelled(client: Client, replayId: string): Promise<void> {
  await client.query(`update dead_letter_replays set is_cancel_wanted = true where replay_id = $1`, [
    replayId,
  ]);
}
