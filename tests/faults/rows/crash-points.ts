import { MILESTONES, type Milestone } from '../../../shared/observability/milestones.ts';
import { check, type Fault } from '../fault.ts';

type WorkersMilestone = Exclude<Milestone, 'decided'>;

/** How many of them a worker reaches before it dies: in the middle of the load. */
const NTH: Readonly<Record<WorkersMilestone, number>> = {
  answered: 20,
  cached: 20,
  committed: 40,
  confirmed: 200,
  draining: 1,
};
const DIES_WITHIN_MS = 60_000;

const crashPoint = (milestone: WorkersMilestone, index: number): Fault => ({
  id: `C0${index + 1}`,
  title: `worker dies: ${milestone}`,
  injection: `one of three workers dies right after ${MILESTONES[milestone]}`,
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

export const crashPoints: readonly Fault[] = (Object.keys(NTH) as WorkersMilestone[]).map(crashPoint);
