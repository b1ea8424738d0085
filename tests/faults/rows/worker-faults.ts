import { setTimeout as wait } from 'node:timers/promises';
import { check, type Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';
import type { WorkItem } from '../workload.ts';

const HEARTBEAT_SECONDS = 5;
/** Clients and broker notice a silent peer after two to three heartbeats; the rest is for what the others do then. */
const NOTICED_WITHIN_MS = 60_000;
const GRACE_SECONDS = 25;
const BURST = 400;

const none: Fault = {
  id: 'F00',
  title: 'no fault',
  injection: 'nothing for 5 s: what the figures are when all is well',
  caughtUpWithinS: 5,
  async inject() {
    await wait(5_000);
    return { healedAt: performance.now() };
  },
};

const killed: Fault = {
  id: 'F01',
  title: 'worker killed',
  injection: 'SIGKILL to one of two workers',
  caughtUpWithinS: 10,
  async inject({ victim }) {
    victim.signal('SIGKILL');
    await victim.ended;
    return { healedAt: performance.now() };
  },
};

const hung: Fault = {
  id: 'F03',
  title: 'worker hangs and comes back',
  injection: `SIGSTOP to one of two workers until its tasks are finished elsewhere (heartbeat ${HEARTBEAT_SECONDS} s), then SIGCONT`,
  caughtUpWithinS: 20,
  scene: { heartbeatSeconds: HEARTBEAT_SECONDS },
  async inject(scene) {
    scene.victim.signal('SIGSTOP');
    const elsewhere = await scene.secondsUntilSettled(NOTICED_WITHIN_MS);
    scene.victim.signal('SIGCONT');
    return {
      healedAt: performance.now(),
      checks: [
        check(
          'another worker finishes what the hung one held',
          elsewhere !== null,
          `${elsewhere ?? 'not'} within ${NOTICED_WITHIN_MS / 1_000} s`,
        ),
      ],
    };
  },
};

const stopped: Fault = {
  id: 'F04',
  title: 'worker stopped in good order',
  injection: `SIGTERM to the only worker with ${BURST} tasks just handed to it; another one starts when it is gone`,
  caughtUpWithinS: 15,
  scene: { workers: 1 },
  async inject(scene) {
    const { victim, queues, settled } = scene;
    await scene.load.publish(burst(scene));
    const askedAt = performance.now();
    victim.signal('SIGTERM');
    const ending = await victim.ended;
    const tookS = (performance.now() - askedAt) / 1_000;
    // Nobody consumes now: whatever waits was not acknowledged, so it must not be finished.
    const waiting = await queues.waitingTasks();
    const finished = new Set((await settled.rows()).map(({ id }) => id));
    const again = [...waiting].filter((id) => finished.has(id));
    const next = await scene.startWorker();
    await next.ready();
    return {
      healedAt: performance.now(),
      redelivered: again.length,
      checks: [
        check('it leaves with exit code 0', ending === 'exit code 0', ending),
        check(
          'it leaves within its grace',
          tookS <= GRACE_SECONDS,
          `${tookS.toFixed(1)} of ${GRACE_SECONDS} s`,
        ),
        check(
          'nothing that was finished is delivered again',
          again.length === 0,
          `${again.length} of ${waiting.size}`,
        ),
      ],
    };
  },
};

function burst({ workload }: Scene): WorkItem[] {
  return Array.from({ length: BURST }, () => workload.next());
}

export const workerFaults: readonly Fault[] = [none, killed, hung, stopped];
