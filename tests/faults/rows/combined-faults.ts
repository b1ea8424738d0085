import { setTimeout as wait } from 'node:timers/promises';
import { pick, seeded } from '../../eval-matching/random.ts';
import { type Fault } from '../fault.ts';
import { flushRedis } from '../redis-server.ts';
import type { Scene } from '../scene.ts';
import { NOT_WRITTEN } from './postgres-faults.ts';

const ROUNDS = 4;
const AT_ONCE = 3;
const PAUSE_MS = 4_000;

type Injection = readonly [name: string, run: (scene: Scene) => Promise<void>];

/** Each heals itself. */
const INJECTIONS: readonly Injection[] = [
  [
    'a worker killed and replaced',
    async (scene) => {
      const victim = scene.workers.find(({ isRunning }) => isRunning);
      victim?.signal('SIGKILL');
      await (await scene.startWorker()).ready();
    },
  ],
  [
    'a worker stopped and replaced',
    async (scene) => {
      const victim = scene.workers.find(({ isRunning }) => isRunning);
      victim?.signal('SIGTERM');
      await (await scene.startWorker()).ready();
    },
  ],
  ['Redis flushed', ({ urls }) => flushRedis(urls.redis)],
  [
    'connections closed',
    async ({ stack, vhost }) => {
      await stack.rabbitmqctl('close_all_connections', '--vhost', vhost, 'fault');
    },
  ],
  [
    'Spotify answers 500',
    async ({ sandbox }) => {
      await sandbox.fault({ provider: 'spotify', kind: 'status', status: 500 });
      await wait(PAUSE_MS);
      await sandbox.heal();
    },
  ],
  [
    'TMDB answers 429',
    ({ sandbox }) => sandbox.fault({ provider: 'tmdb', kind: 'rate_limited', retry_after: 3, count: 3 }),
  ],
  [
    'Postgres restarted',
    async ({ stack }) => {
      await stack.end('postgres', 'SIGINT');
      await stack.revive('postgres');
    },
  ],
];

const combined: Fault = {
  id: 'F64',
  title: 'several faults at once',
  injection: `${AT_ONCE} at once, ${ROUNDS} times, drawn by the seed from: ${INJECTIONS.map(([name]) => name).join(', ')}`,
  caughtUpWithinS: 60,
  allows: { providerFailures: true, cacheLoss: true },
  expectedErrors: [NOT_WRITTEN],
  async inject(scene) {
    const random = seeded(scene.seed);
    for (let round = 0; round < ROUNDS; round++) {
      const drawn = new Set<Injection>();
      while (drawn.size < AT_ONCE) drawn.add(pick(INJECTIONS, random));
      await Promise.all([...drawn].map(([, run]) => run(scene)));
      await wait(PAUSE_MS);
    }
    await scene.sandbox.heal();
    return { healedAt: performance.now() };
  },
};

export const combinedFaults: readonly Fault[] = [combined];
