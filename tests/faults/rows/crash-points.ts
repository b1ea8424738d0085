import { MILESTONES, type Milestone } from '../../../shared/observability/milestones.ts';
import { check, type Fault } from '../fault.ts';

/** How many of them a worker reaches before it dies: in the middle of the load. */
const NTH: Readonly<Record<Milestone, number>> = {
  answered: 20,
  cached: 20,
  committed: 40,
  confirmed: 200,
  draining: 1,
};
const DIES_WITHIN_MS = 60_000;

const crashPoint = ([milestone, moment]: [Milestone, string], index: number): Fault => ({
  id: `C0${index + 1}`,
  title: `worker dies: ${milestone}`,
  injection: `one of three workers dies right after ${moment}`,
  caughtUpWithinS: 10,
  async inject(scene) {
    const env = { FAULT_CRASH_AT: `${milestone}:${NTH[milestone]}` };
    const doomed = await scene.startWorker({}, { module: 'crash-at', env });
    doomed.wasKilled = true;
    if (milestone === 'draining') {
      await doomed.ready();
      doomed.signal('SIGTERM');
    }
    const late = AbortSignal.timeout(DIES_WITHIN_MS);
    const ending = await Promise.race([
      doomed.ended,
      new Promise<string>((resolve) => {
        late.addEventListener('abort', () => {
          resolve('still alive');
        });
      }),
    ]);
    return {
      healedAt: performance.now(),
      checks: [check('the worker died there', ending === 'signal SIGKILL', ending)],
    };
  },
});

export const crashPoints: readonly Fault[] = (Object.entries(MILESTONES) as [Milestone, string][]).map(
  crashPoint,
);
