import { setTimeout as wait } from 'node:timers/promises';
import { check, type Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';

const BURST_MS = 8_000;
const RETRY_AFTER_SECONDS = 6;
/** Of what is published while a provider fails: what does not need it goes on. */
const UNAFFECTED_SHARE = 0.5;

const serverErrors: Fault = {
  id: 'F43',
  title: 'providers answer 500',
  injection: `500 to every request to Spotify and TMDB for ${BURST_MS / 1_000} s`,
  caughtUpWithinS: 60,
  allows: { providerFailures: true },
  async inject(scene) {
    const { sandbox } = scene;
    for (const provider of ['spotify', 'tmdb'])
      await sandbox.fault({ provider, kind: 'status', status: 500 });
    const share = await shareSettled(scene, BURST_MS);
    await sandbox.heal();
    return {
      healedAt: performance.now(),
      checks: [
        check(
          'tasks that need no failing provider go on',
          share >= UNAFFECTED_SHARE,
          `${Math.round(share * 100)} % of what was published meanwhile`,
        ),
      ],
    };
  },
};

const rateLimited: Fault = {
  id: 'F44',
  title: 'provider answers 429 with Retry-After',
  injection: `429 with Retry-After ${RETRY_AFTER_SECONDS} to the next requests to TMDB and Spotify`,
  caughtUpWithinS: 30,
  async inject(scene) {
    const { sandbox } = scene;
    for (const provider of ['spotify', 'tmdb'])
      await sandbox.fault({ provider, kind: 'rate_limited', retry_after: RETRY_AFTER_SECONDS, count: 3 });
    const share = await shareSettled(scene, RETRY_AFTER_SECONDS * 1_000);
    await sandbox.heal();
    return {
      healedAt: performance.now(),
      checks: [
        check(
          'tasks that need no paused provider go on',
          share >= UNAFFECTED_SHARE,
          `${Math.round(share * 100)} % of what was published meanwhile`,
        ),
      ],
    };
  },
};

async function shareSettled({ load, settled }: Scene, ms: number): Promise<number> {
  const before = { confirmed: load.confirmed.size, settled: settled.ids.size };
  await wait(ms);
  return (settled.ids.size - before.settled) / Math.max(1, load.confirmed.size - before.confirmed);
}

export const providerFaults: readonly Fault[] = [serverErrors, rateLimited];
