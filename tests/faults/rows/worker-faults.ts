import { setTimeout as wait } from 'node:timers/promises';
import { check, type Fault } from '../fault.ts';
import { PATIENCE } from '../patience.ts';
import type { Scene } from '../scene.ts';
import { goesOn, shareSince, standingOf } from './meanwhile.ts';
import type { WorkItem } from '../workload.ts';

const HEARTBEAT_SECONDS = 3;
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
  // Stopped in the middle of a transaction it keeps rows locked, that of a job among them, until Postgres ends it.
  expectedErrors: ['Postgres does not take results'],
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
          tookS <= GRACE_SECONDS * PATIENCE,
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

const STUCK_GRACE_SECONDS = 6;

const stoppedWhileStuck: Fault = {
  id: 'F05',
  title: 'worker stopped while a provider hangs',
  injection: `TMDB and Spotify answer nothing, then SIGTERM to one of two workers with a grace of ${STUCK_GRACE_SECONDS} s`,
  caughtUpWithinS: 60,
  scene: { workerEnv: { SHUTDOWN_GRACE_SECONDS: String(STUCK_GRACE_SECONDS) } },
  allows: { providerFailures: true },
  async inject({ victim, sandbox }) {
    for (const provider of ['spotify', 'tmdb']) await sandbox.fault({ provider, kind: 'hang' });
    await wait(3_000);
    const askedAt = performance.now();
    victim.signal('SIGTERM');
    const ending = await victim.ended;
    const tookS = (performance.now() - askedAt) / 1_000;
    await sandbox.heal();
    return {
      healedAt: performance.now(),
      checks: [
        check('it leaves with exit code 0', ending === 'exit code 0', ending),
        check(
          'it leaves within its grace',
          tookS <= (STUCK_GRACE_SECONDS + 1) * PATIENCE,
          `${tookS.toFixed(1)} of ${STUCK_GRACE_SECONDS} s`,
        ),
      ],
    };
  },
};

const ROUNDS = 4;
const LOST_SHARE = 0.2;

const rollingRestart: Fault = {
  id: 'F06',
  title: 'rolling restart',
  injection: `one worker after the other leaves on SIGTERM, ${ROUNDS} times, after its successor is ready`,
  caughtUpWithinS: 10,
  async inject(scene) {
    const before = standingOf(scene);
    const endings: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const leaving = scene.workers[round];
      const next = await scene.startWorker();
      await next.ready();
      leaving?.signal('SIGTERM');
      endings.push((await leaving?.ended) ?? 'no worker');
    }
    const share = shareSince(scene, before);
    return {
      healedAt: performance.now(),
      checks: [
        check(
          'each leaves with exit code 0',
          endings.every((one) => one === 'exit code 0'),
          endings.join(', '),
        ),
        goesOn(share, 1 - LOST_SHARE),
      ],
    };
  },
};

const SMALL_HEAP_MB = 56;
const FAT_TASKS = 500;
const MOST_BURSTS = 8;

const outOfMemory: Fault = {
  id: 'F07',
  title: 'worker out of memory',
  injection: `a third worker with a heap of ${SMALL_HEAP_MB} MB for prefetch 2,000, under load until it dies`,
  caughtUpWithinS: 15,
  scene: { perSecond: 400 },
  async inject(scene) {
    const doomed = await scene.startWorker({
      NODE_OPTIONS: `--max-old-space-size=${SMALL_HEAP_MB}`,
      ENRICHMENT_ENTRY_PREFETCH: '2000',
    });
    doomed.wasKilled = true;
    let ending = 'still alive';
    // The others take their share: how many it holds at once depends on how fast they are.
    for (let burst = 0; burst < MOST_BURSTS && ending === 'still alive'; burst++) {
      await scene.load.publish(Array.from({ length: FAT_TASKS }, () => fattened(scene)));
      ending = await Promise.race([doomed.ended, wait(5_000, ending, { ref: false })]);
    }
    return {
      healedAt: performance.now(),
      checks: [check('the worker died of it', ending !== 'still alive' && ending !== 'exit code 0', ending)],
    };
  },
};

/** 150 KB that come along with a task and are stored with it. */
function fattened({ workload }: Scene): WorkItem {
  const item = workload.next();
  return { ...item, task: { ...item.task, extra: { padding: 'x'.repeat(150_000) } } };
}

function burst({ workload }: Scene): WorkItem[] {
  return Array.from({ length: BURST }, () => workload.next());
}

export const workerFaults: readonly Fault[] = [
  none,
  killed,
  hung,
  stopped,
  stoppedWhileStuck,
  rollingRestart,
  outOfMemory,
];
