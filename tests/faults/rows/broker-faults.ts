import { setTimeout as wait } from 'node:timers/promises';
import { laneQueue } from '../../../shared/rabbitmq/topology.ts';
import { manage } from '../../management-api.ts';
import { type Check, check, type Fault } from '../fault.ts';
import { PATIENCE } from '../patience.ts';
import { connected } from '../queues.ts';
import type { Scene } from '../scene.ts';
import { allLive } from './meanwhile.ts';

const LADDER_TASKS = 1_500;
const LADDER_BATCHES = 15;
const BATCH_MS = 250;
/** The first batches have come back by then, the last ones still wait. */
const IN_THE_MIDDLE_MS = 3_500;
const ALARM_MS = 8_000;
const BLOCKED_WITHIN_MS = 5_000;
const CONSUMING_WITHIN_S = 10 * PATIENCE;
const HEARTBEAT_SECONDS = 5;
const STOPPED_MS = 20_000;

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
    await scene.stack.end('rabbitmq', 'SIGKILL');
    const back = await scene.stack.revive('rabbitmq');
    return { healedAt: back, checks: [await consumingAgain(scene, back)] };
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

async function consumingAgain({ settled }: Scene, back: number): Promise<Check> {
  const seen = settled.ids.size;
  const working = await settled.until((ids) => ids.size > seen, 60_000);
  const afterS = working === undefined ? Infinity : (working - back) / 1_000;
  const name = `consuming again within ${CONSUMING_WITHIN_S} s of its port being back`;
  return check(name, afterS <= CONSUMING_WITHIN_S, `${afterS.toFixed(1)} s`);
}

const restarted: Fault = {
  id: 'F10',
  title: 'broker stopped and started in good order',
  injection: 'rabbitmqctl stop_app, 2 s later start_app',
  caughtUpWithinS: 20,
  async inject(scene) {
    await scene.stack.rabbitmqctl('stop_app');
    await wait(2_000);
    await scene.stack.rabbitmqctl('start_app');
    const back = await scene.stack.portOpen('rabbitmq');
    return { healedAt: back, checks: [await consumingAgain(scene, back)] };
  },
};

const hung: Fault = {
  id: 'F12',
  title: 'broker hangs',
  injection: `SIGSTOP to the broker for ${STOPPED_MS / 1_000} s (heartbeat ${HEARTBEAT_SECONDS} s)`,
  caughtUpWithinS: 20,
  scene: { heartbeatSeconds: HEARTBEAT_SECONDS },
  async inject(scene) {
    await scene.stack.signal('rabbitmq', 'SIGSTOP');
    await wait(STOPPED_MS);
    await scene.stack.signal('rabbitmq', 'SIGCONT');
    return { healedAt: performance.now(), checks: [allLive(scene)] };
  },
};

/** Publishers are blocked while it lasts, and nothing else is. */
function alarm(
  id: string,
  { title, injection, on, off }: { title: string; injection: string; on: string[]; off: string[] },
): Fault {
  return {
    id,
    title,
    injection: `${injection} for ${ALARM_MS / 1_000} s: publishers are blocked`,
    caughtUpWithinS: 20,
    async inject(scene) {
      const { stack, load, settled } = scene;
      await stack.rabbitmqctl(...on);
      const isBlocked = await becomes(() => load.isBlocked, BLOCKED_WITHIN_MS);
      const before = settled.ids.size;
      await wait(ALARM_MS);
      const meanwhile = `${settled.ids.size - before} tasks were settled meanwhile`;
      await stack.rabbitmqctl(...off);
      return {
        healedAt: performance.now(),
        checks: [check('publishers are blocked and wait', isBlocked, meanwhile), allLive(scene)],
      };
    },
  };
}

const memoryAlarm = alarm('F13', {
  title: 'memory alarm of the broker',
  injection: 'memory watermark at 0.0001',
  on: ['set_vm_memory_high_watermark', '0.0001'],
  off: ['set_vm_memory_high_watermark', '0.4'],
});

const diskAlarm = alarm('F14', {
  title: 'disk alarm of the broker',
  injection: 'free disk limit at 9,999 GB',
  on: ['set_disk_free_limit', '9999GB'],
  off: ['set_disk_free_limit', '50MB'],
});

const CUTS = 4;

const connectionsCut: Fault = {
  id: 'F15',
  title: 'connections closed by the broker',
  injection: `all connections of the virtual host closed ${CUTS} times, every 3 s`,
  caughtUpWithinS: 20,
  async inject(scene) {
    for (let cut = 0; cut < CUTS; cut++) {
      await wait(3_000);
      await scene.stack.rabbitmqctl('close_all_connections', '--vhost', scene.vhost, 'fault');
    }
    return { healedAt: performance.now(), checks: [allLive(scene)] };
  },
};

const TRACKS_ENTRY = laneQueue('metadata_enrichment', 'priority');

/** A queue's own channel dies with it: workers must get it back without a restart, and nothing else must be hurt. */
const queueMoved: Fault = {
  id: 'F16',
  title: 'consumer cancelled by the broker',
  injection: 'an empty entry queue is deleted and declared again under its consumers',
  // RabbitMQ 3.10 tells consumers of a quorum queue nothing: they find out by its silence.
  caughtUpWithinS: 90,
  scene: { perSecond: 100 },
  async inject(scene) {
    await scene.load.stop();
    const drained = await scene.secondsUntilSettled(30_000);
    await connected(scene.urls.broker, async (model) => {
      await (
        await model.createChannel()
      ).deleteQueue(TRACKS_ENTRY, { ifEmpty: scene.queueType === 'classic' });
    });
    await scene.declareAgain();
    scene.load.start();
    return {
      healedAt: performance.now(),
      checks: [check('nothing was in it', drained !== null, `${drained ?? 'never'} s`), allLive(scene)],
    };
  },
};

/** What the broker refuses or returns is tried again after a second. */
const HANDED_BACK = 'delivery is handed back';
const MAX_LENGTH = 50;
const FULL_MS = 6_000;

/** What the broker refuses is tried again by the publisher of the load, as by any other. */
const queueFull: Fault = {
  id: 'F20',
  title: 'provider queue full',
  injection: `a policy keeps the TMDB queues at ${MAX_LENGTH} messages and refuses more, for ${FULL_MS / 1_000} s, TMDB slow`,
  caughtUpWithinS: 60,
  expectedErrors: [HANDED_BACK],
  scene: { coldShare: 0.15 },
  async inject(scene) {
    const { stack, vhost, sandbox } = scene;
    await sandbox.fault({ provider: 'tmdb', kind: 'latency', ms: 2_000 });
    const path = `/api/policies/${vhost}/full`;
    await manage(stack.urls.RABBITMQ_MANAGEMENT_URL, {
      method: 'PUT',
      path,
      body: {
        pattern: '^enrichment_tmdb_',
        'apply-to': 'queues',
        definition: { 'max-length': MAX_LENGTH, overflow: 'reject-publish' },
      },
    });
    await wait(FULL_MS);
    await manage(stack.urls.RABBITMQ_MANAGEMENT_URL, { method: 'DELETE', path });
    await sandbox.heal();
    return { healedAt: performance.now(), checks: [allLive(scene)] };
  },
};

const UNBOUND_MS = 4_000;

const unroutable: Fault = {
  id: 'F21',
  title: 'provider queue unbound',
  injection: `the TMDB queue is unbound from its exchange for ${UNBOUND_MS / 1_000} s: what is forwarded there comes back`,
  caughtUpWithinS: 30,
  expectedErrors: [HANDED_BACK],
  async inject(scene) {
    await connected(scene.urls.broker, async (model) => {
      const channel = await model.createChannel();
      await channel.unbindQueue('enrichment_tmdb_queue', 'enrichment', 'enrichment_tmdb_queue');
    });
    await wait(UNBOUND_MS);
    await scene.declareAgain();
    return { healedAt: performance.now(), checks: [allLive(scene)] };
  },
};

async function becomes(isSo: () => boolean, withinMs: number): Promise<boolean> {
  for (const until = performance.now() + withinMs; performance.now() < until;) {
    if (isSo()) return true;
    await wait(50);
  }
  return false;
}

export const brokerFaults: readonly Fault[] = [
  killed,
  restarted,
  hung,
  memoryAlarm,
  diskAlarm,
  connectionsCut,
  queueMoved,
  queueFull,
  unroutable,
];
