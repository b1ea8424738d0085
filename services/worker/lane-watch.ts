/** Holds stages whose lane somebody paused (`enrich pause backlog`), and lets them go on afterwards. */
import type { Log } from '../../shared/observability/log.ts';
import { listLanePauses, type PauseTarget } from '../../shared/postgres/lane-pauses.ts';
import type { Pool } from '../../shared/postgres/pool.ts';
import type { Lifecycle } from '../../shared/runtime/lifecycle.ts';
import type { Stage } from './stage.ts';

export interface LaneWatchDeps {
  readonly stages: readonly Stage[];
  readonly pool: Pool;
  readonly log: Log;
  readonly lifecycle: Pick<Lifecycle, 'onStop'>;
}

const EVERY_MS = 3_000;

/** Resolves after the first look, so that a paused lane is not consumed for a moment by every worker that starts. */
export async function watchLanes(deps: LaneWatchDeps): Promise<void> {
  let paused: ReadonlySet<PauseTarget> = new Set();
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      const now = new Set((await listLanePauses(deps.pool)).map(({ target }) => target));
      tellChanges(paused, now, deps.log);
      paused = now;
      for (const stage of deps.stages) turn(stage, now);
    } catch (error) {
      // What was said last stays in force while the database is away.
      deps.log.debug('pauses of lanes cannot be read', { error: (error as Error).message });
    } finally {
      isLooking = false;
    }
  };
  await look();
  const timer = setInterval(() => void look(), EVERY_MS);
  deps.lifecycle.onStop('lanes', () => {
    clearInterval(timer);
  });
}

function turn({ valve, lane, isEntry }: Stage, paused: ReadonlySet<PauseTarget>): void {
  if (paused.has(lane) || (isEntry && paused.has('intake'))) valve.shut('lane');
  else valve.open('lane');
}

function tellChanges(before: ReadonlySet<PauseTarget>, now: ReadonlySet<PauseTarget>, log: Log): void {
  for (const target of now) if (!before.has(target)) log.warn('consumption is paused', { target });
  for (const target of before) if (!now.has(target)) log.info('consumption goes on', { target });
}
