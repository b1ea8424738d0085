import { type Missing, reconcile, type ReconcileDeps } from '../../shared/jobs/reconcile.ts';
import type { Log } from '../../shared/observability/log.ts';
import { listRuns } from '../../shared/postgres/schedules.ts';
import type { Schedule } from './scheduler.ts';

const NAME = 'reconcile';
/** A look that is older says nothing of now. */
const LATEST_MS = 150_000;

/** Every minute; what the run before has found is in the history, so that any replica may go on from it. */
export const reconcileSchedule = (deps: Omit<ReconcileDeps, 'signal'> & { readonly log: Log }): Schedule => ({
  name: NAME,
  cron: '* * * * *',
  run: async (signal) => {
    const runs = await listRuns(deps.pool, NAME, 2);
    const before = runs.find(({ outcome }) => outcome === 'ok');
    const isRecent = Date.now() - (before?.finishedAt ?? 0) < LATEST_MS;
    const found = isRecent ? ((before?.detail['missing'] ?? {}) as Missing) : {};
    const { missing, fedAgain } = await reconcile({ ...deps, signal }, found);
    for (const [pipeline, count] of Object.entries(fedAgain))
      deps.log.warn('messages were lost in the broker, their tasks are fed again', { pipeline, count });
    return { missing, fed_again: fedAgain };
  },
});
