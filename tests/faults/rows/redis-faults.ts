import { setTimeout as wait } from 'node:timers/promises';
import { check, type Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';

const AWAY_MS = 4_000;

const killed: Fault = {
  id: 'F30',
  title: 'Redis killed',
  injection: `SIGKILL to Redis, started again empty after ${AWAY_MS / 1_000} s`,
  caughtUpWithinS: 30,
  allows: { cacheLoss: true, limitExcess: true },
  async inject(scene) {
    const { stack } = scene;
    await stack.signal('redis', 'SIGKILL');
    const settled = await settledDuring(scene, AWAY_MS);
    const back = await stack.revive('redis');
    return {
      healedAt: back,
      checks: [check('tasks are settled without Redis', settled > 0, settled)],
    };
  },
};

async function settledDuring({ settled }: Scene, ms: number): Promise<number> {
  const before = settled.ids.size;
  await wait(ms);
  return settled.ids.size - before;
}

export const redisFaults: readonly Fault[] = [killed];
