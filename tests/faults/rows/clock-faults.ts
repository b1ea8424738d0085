import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from '../fault.ts';
import { allLive } from './meanwhile.ts';

const SKEW_MS = 3_600_000;
const TOGETHER_MS = 6_000;

const skewed: Fault = {
  id: 'F56',
  title: 'wall clocks that differ',
  injection: 'one worker an hour ahead, another one an hour behind, beside one whose clock is right',
  caughtUpWithinS: 20,
  scene: { workers: 1 },
  async inject(scene) {
    const shifted = await Promise.all(
      [SKEW_MS, -SKEW_MS].map((ms) =>
        scene.startWorker({}, { module: 'clock-skew', env: { FAULT_CLOCK_SKEW_MS: String(ms) } }),
      ),
    );
    await Promise.all(shifted.map((worker) => worker.ready()));
    await wait(TOGETHER_MS);
    return {
      healedAt: performance.now(),
      checks: [allLive(scene)],
    };
  },
};

export const clockFaults: readonly Fault[] = [skewed];
