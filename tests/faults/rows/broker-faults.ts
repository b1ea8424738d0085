import { setTimeout as wait } from 'node:timers/promises';
import { laneQueue } from '../../../shared/rabbitmq/topology.ts';
import { check, type Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';

const LADDER_TASKS = 1_500;
const LADDER_BATCHES = 15;
const BATCH_MS = 250;
/** The first batches have come back by then, the last ones still wait. */
const IN_THE_MIDDLE_MS = 3_500;
const ALARM_MS = 8_000;
const BLOCKED_WITHIN_MS = 5_000;
const CONSUMING_WITHIN_S = 10;

const killed: Fault = {
  id: 'F09',
  title: 'broker killed while the ladder is busy',
  injection: `SIGKILL to the broker while ${LADDER_TASKS} tasks come back from the 5s step to a queue that nobody else publishes to; started again`,
  caughtUpWithinS: 20,
  queueTypes: ['classic', 'quorum'],
  scene: { lane: 'priority' },
  async inject(scene) {
    await climbLadder(scene);
    await wait(IN_THE_MIDDLE_MS);
    const back = await killBroker(scene);
    const seen = scene.settled.ids.size;
    const working = await scene.settled.until((ids) => ids.size > seen, 60_000);
    const afterS = working === undefined ? null : Math.round((working - back) / 10) / 100;
    return {
      healedAt: back,
      checks: [
        check(
          `consuming again within ${CONSUMING_WITHIN_S} s of its port being back`,
          afterS !== null && afterS <= CONSUMING_WITHIN_S,
          `${afterS ?? 'never'} s`,
        ),
      ],
    };
  },
};

/** Tasks about things that are known, deferred to the backlog's entry: only the ladder brings them there. */
async function climbLadder({ workload, queues, load }: Scene): Promise<void> {
  for (let batch = 0; batch < LADDER_BATCHES; batch++) {
    const items = Array.from({ length: LADDER_TASKS / LADDER_BATCHES }, () =>
      workload.about('tracks', { artist: 'Deadmau5', title: 'Strobe' }, 'backlog'),
    );
    await queues.sendLater('5s', laneQueue('metadata_enrichment', 'backlog'), items);
    load.noteConfirmed(items);
    await wait(BATCH_MS);
  }
}

async function killBroker({ stack }: Scene): Promise<number> {
  await stack.signal('rabbitmq', 'SIGKILL');
  return stack.revive('rabbitmq');
}

const memoryAlarm: Fault = {
  id: 'F13',
  title: 'memory alarm of the broker',
  injection: `memory watermark at 0.0001 for ${ALARM_MS / 1_000} s: publishers are blocked`,
  caughtUpWithinS: 20,
  async inject(scene) {
    const { stack, load } = scene;
    await stack.rabbitmqctl('set_vm_memory_high_watermark', '0.0001');
    const isBlocked = await becomes(() => load.isBlocked, BLOCKED_WITHIN_MS);
    const before = scene.settled.ids.size;
    await wait(ALARM_MS);
    const settled = scene.settled.ids.size - before;
    await stack.rabbitmqctl('set_vm_memory_high_watermark', '0.4');
    return {
      healedAt: performance.now(),
      checks: [
        check('publishers are blocked and wait', isBlocked, `${settled} tasks were settled meanwhile`),
        check(
          'all workers live',
          scene.workers.every(({ isRunning }) => isRunning),
          scene.workers.length,
        ),
      ],
    };
  },
};

async function becomes(isSo: () => boolean, withinMs: number): Promise<boolean> {
  for (const until = performance.now() + withinMs; performance.now() < until;) {
    if (isSo()) return true;
    await wait(50);
  }
  return false;
}

export const brokerFaults: readonly Fault[] = [killed, memoryAlarm];
