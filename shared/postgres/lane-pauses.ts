/** Lanes that no worker serves now, because somebody said so. */
import type { Client } from './dead-letters.ts';
import type { Pool } from './pool.ts';

/** `intake`: the entry stages of both lanes; a lane: its entry stages and its provider stages. */
export const PAUSE_TARGETS = ['priority', 'backlog', 'intake'] as const;
export type PauseTarget = (typeof PAUSE_TARGETS)[number];

export interface LanePause {
  readonly target: PauseTarget;
  /** Epoch milliseconds. */
  readonly until: number;
  readonly reason: string;
  readonly actor: string;
  /** Epoch milliseconds. */
  readonly since: number;
}

interface Row {
  readonly target: PauseTarget;
  readonly paused_until: Date;
  readonly reason: string;
  readonly actor: string;
  readonly since: Date;
}

/** Those in force now, by the clock of the database. */
export async function listLanePauses(pool: Pool): Promise<readonly LanePause[]> {
  const { rows } = await pool.query<Row>(
    `select target, paused_until, reason, actor, since from lane_pauses where paused_until > now() order by target`,
  );
  return rows.map(({ target, paused_until: until, reason, actor, since }) => ({
    target,
    until: until.getTime(),
    reason,
    actor,
    since: since.getTime(),
  }));
}

export async function saveLanePause(client: Client, pause: Omit<LanePause, 'since'>): Promise<void> {
  const { target, until, reason, actor } = pause;
  await client.query(
    `insert into lane_pauses (target, paused_until, reason, actor) values ($1, $2, $3, $4)
     on conflict (target) do update set
       paused_until = excluded.paused_until, reason = excluded.reason, actor = excluded.actor, since = now()`,
    [target, new Date(until), reason, actor],
  );
}

/** False when it was not paused. */
export async function deleteLanePause(client: Client, target: PauseTarget): Promise<boolean> {
  const { rowCount } = await client.query('delete from lane_pauses where target = $1', [target]);
  return (rowCount ?? 0) > 0;
}
