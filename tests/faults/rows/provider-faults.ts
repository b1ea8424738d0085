import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from '../fault.ts';
import { allLive, goesOn, shareSettled, shareSince, standingOf } from './meanwhile.ts';

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
      checks: [goesOn(share, UNAFFECTED_SHARE), allLive(scene)],
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
      checks: [goesOn(share, UNAFFECTED_SHARE), allLive(scene)],
    };
  },
};

const HANG_MS = 12_000;

const hanging: Fault = {
  id: 'F45',
  title: 'providers hang',
  injection: `Spotify and TMDB answer nothing for ${HANG_MS / 1_000} s`,
  caughtUpWithinS: 90,
  allows: { providerFailures: true },
  async inject(scene) {
    const { sandbox } = scene;
    for (const provider of ['spotify', 'tmdb']) await sandbox.fault({ provider, kind: 'hang' });
    const share = await shareSettled(scene, HANG_MS);
    await sandbox.heal();
    return { healedAt: performance.now(), checks: [goesOn(share, UNAFFECTED_SHARE), allLive(scene)] };
  },
};

const GARBAGE = ['html', 'truncated', 'gzip_error', 'oversize', 'contract', 'moved', 'oddities'] as const;
const GARBAGE_MS = 2_000;

const garbage: Fault = {
  id: 'F46',
  expectedErrors: ['provider refuses every request: are its address and our access right?'],
  title: 'providers answer garbage',
  injection: `${GARBAGE.join(', ')} from Spotify and TMDB, ${GARBAGE_MS / 1_000} s each`,
  caughtUpWithinS: 90,
  allows: { providerFailures: true },
  async inject(scene) {
    const { sandbox } = scene;
    const before = standingOf(scene);
    for (const kind of GARBAGE) {
      for (const provider of ['spotify', 'tmdb']) await sandbox.fault({ provider, kind });
      await wait(GARBAGE_MS);
      await sandbox.heal();
    }
    return {
      healedAt: performance.now(),
      checks: [goesOn(shareSince(scene, before), UNAFFECTED_SHARE), allLive(scene)],
    };
  },
};

const CUT_MS = 6_000;

const cutAfterWork: Fault = {
  id: 'F47',
  title: 'answers cut off in the middle',
  injection: `Spotify and TMDB do the work and cut the connection inside every third body, for ${CUT_MS / 1_000} s`,
  caughtUpWithinS: 60,
  allows: { providerFailures: true },
  async inject(scene) {
    const { sandbox } = scene;
    for (const provider of ['spotify', 'tmdb'])
      await sandbox.fault({ provider, kind: 'reset_in_body', probability: 0.33 });
    const share = await shareSettled(scene, CUT_MS);
    await sandbox.heal();
    return { healedAt: performance.now(), checks: [goesOn(share, UNAFFECTED_SHARE), allLive(scene)] };
  },
};

export const providerFaults: readonly Fault[] = [serverErrors, rateLimited, hanging, garbage, cutAfterWork];
