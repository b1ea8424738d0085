/** What can be said about a system while something is broken. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Check, check } from '../fault.ts';
import { PATIENCE } from '../patience.ts';
import type { Scene } from '../scene.ts';

export interface Standing {
  readonly confirmed: number;
  readonly settled: number;
}

export const standingOf = ({ load, settled }: Scene): Standing => ({
  confirmed: load.confirmed.size,
  settled: settled.ids.size,
});

/** Tasks settled since then, as a share of those published since then. */
export function shareSince(scene: Scene, before: Standing): number {
  const now = standingOf(scene);
  return (now.settled - before.settled) / Math.max(1, now.confirmed - before.confirmed);
}

export async function shareSettled(scene: Scene, ms: number): Promise<number> {
  const before = standingOf(scene);
  await wait(ms);
  return shareSince(scene, before);
}

/** What does not need the broken part must not stand still: that much of what is published is settled. */
export const goesOn = (share: number, expected: number): Check => {
  const atLeast = expected / PATIENCE;
  return check(
    'tasks that need nothing broken go on',
    share >= atLeast,
    `${Math.round(share * 100)} % of what was published meanwhile, at least ${Math.round(atLeast * 100)} %`,
  );
};

export const allLive = ({ workers }: Scene): Check =>
  check(
    'all workers live',
    workers.every(({ isRunning }) => isRunning),
    workers.length,
  );
