/** Pausing of lanes and of the intake. Workers look every few seconds; what they hold is finished. */
import { insertAuditEntry } from '../postgres/audit-log.ts';
import { deleteLanePause, type PauseTarget, saveLanePause } from '../postgres/lane-pauses.ts';
import { withTransaction } from '../postgres/pool.ts';
import { UNTIL_RESUMED } from '../redis/gate-slot.ts';
import type { Controls } from './controls.ts';

/** @param until epoch milliseconds */
export async function pauseLane(
  { pool, actor }: Pick<Controls, 'pool' | 'actor'>,
  target: PauseTarget,
  { until, reason }: { readonly until: number; readonly reason: string },
): Promise<void> {
  await withTransaction(pool, async (client) => {
    await saveLanePause(client, { target, until, reason, actor });
    const detail = { until: until === UNTIL_RESUMED ? null : new Date(until).toISOString(), reason };
    await insertAuditEntry(client, { actor, action: 'lane.pause', target, detail });
  });
}

/** False when it was not paused. */
export const resumeLane = (
  { pool, actor }: Pick<Controls, 'pool' | 'actor'>,
  target: PauseTarget,
): Promise<boolean> =>
  withTransaction(pool, async (client) => {
    const wasPaused = await deleteLanePause(client, target);
    await insertAuditEntry(client, {
      actor,
      action: 'lane.resume',
      target,
      detail: { was_paused: wasPaused },
    });
    return wasPaused;
  });
