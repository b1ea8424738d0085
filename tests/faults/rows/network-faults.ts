import { setTimeout as wait } from 'node:timers/promises';
import { check, type Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';
import type { Direction, TcpProxy } from '../tcp-proxy.ts';
import type { WorkerProcess } from '../worker-process.ts';

const HEARTBEAT_SECONDS = 3;
/** Both ends notice within three heartbeats. */
const AT_LEAST_MS = 10_000;
const MOVED_WITHIN_MS = 60_000;
const RESETS = 10;

/** One of two workers is behind a network of its own. */
async function cutOffWorker(scene: Scene): Promise<{ proxy: TcpProxy; worker: WorkerProcess }> {
  const { proxy, url } = await scene.proxied(scene.urls.broker);
  const worker = await scene.startWorker({ RABBITMQ_URL: url });
  await worker.ready();
  // It has its share of the deliveries by then.
  await scene.secondsUntilSettled(10_000);
  return { proxy, worker };
}

function partition(
  id: string,
  title: string,
  { stall, said }: { stall: Direction | 'both'; said: string },
): Fault {
  return {
    id,
    title,
    injection: `${said} for ${AT_LEAST_MS / 1_000} s, and until the other worker has finished everything (heartbeat ${HEARTBEAT_SECONDS} s)`,
    caughtUpWithinS: 20,
    scene: { workers: 1, heartbeatSeconds: HEARTBEAT_SECONDS },
    async inject(scene) {
      const { proxy, worker } = await cutOffWorker(scene);
      proxy.set({ stall });
      const [moved] = await Promise.all([scene.secondsUntilSettled(MOVED_WITHIN_MS), wait(AT_LEAST_MS)]);
      proxy.set({});
      return {
        healedAt: performance.now(),
        checks: [
          check(
            'the other worker finishes what the cut-off one held',
            moved !== null,
            `${moved ?? 'not'} within ${MOVED_WITHIN_MS / 1_000} s`,
          ),
          check('the cut-off worker lives', worker.isRunning, worker.name),
        ],
      };
    },
  };
}

const resetStorm: Fault = {
  id: 'F24',
  title: 'connections reset again and again',
  injection: `all connections of a worker to the broker reset once a second, ${RESETS} times`,
  caughtUpWithinS: 20,
  scene: { workers: 1 },
  async inject(scene) {
    const { proxy, worker } = await cutOffWorker(scene);
    for (let reset = 0; reset < RESETS; reset++) {
      proxy.reset();
      await wait(1_000);
    }
    return {
      healedAt: performance.now(),
      checks: [
        check('the worker lives', worker.isRunning, worker.name),
        check('it holds two connections at most', proxy.connections <= 2, proxy.connections),
      ],
    };
  },
};

export const networkFaults: readonly Fault[] = [
  partition('F22', 'partition between a worker and the broker', {
    stall: 'both',
    said: 'nothing passes in either direction',
  }),
  partition('F23', 'one-way partition', {
    stall: 'toServer',
    said: 'nothing passes from the worker to the broker',
  }),
  resetStorm,
];
