import { setTimeout as wait } from 'node:timers/promises';
import { check, type Fault } from '../fault.ts';
import { type CommandEnd, enrich } from '../command.ts';
import type { Preload } from '../preload.ts';
import type { Scene } from '../scene.ts';

const LETTERS = 30;
const LETTERS_WITHIN_MS = 60_000;
const POLL_MS = 500;
const REFUSED = 'primary_release_year=199';
/** A second refusal in a row counts as a fault that passes: these die of it all the same. */
const ONE_TRY = { TMDB_ATTEMPTS: '1' };
/** What is under way when a provider heals may still die of it. */
const LAST_DEATHS_MS = 3_000;
const CANARY = 5;
/** Longer than the lease of a command that was killed. */
const LEASE_MS = 45_000;
const BUSY = 'exit code 75';

/**
 * Some movies are refused until so many tasks have died of it; all others are answered, since a provider that refuses
 * everything kills no task: its circuit opens.
 */
async function fillDesk({ sandbox, queues }: Scene): Promise<number> {
  await sandbox.fault({ provider: 'tmdb', kind: 'contract', path: REFUSED });
  let letters = 0;
  for (const until = performance.now() + LETTERS_WITHIN_MS; performance.now() < until;) {
    letters = await queues.letterCount();
    if (letters >= LETTERS) break;
    await wait(POLL_MS);
  }
  return letters;
}

const replay = ({ urls }: Scene, preload?: Preload, ...more: string[]): Promise<CommandEnd> =>
  enrich(
    ['dlq', 'replay', '--pipeline', 'movies', '--all', '--json', ...more],
    { RABBITMQ_URL: urls.broker, DATABASE_URL: urls.database },
    preload,
  );

interface Replayed {
  readonly replayed: number;
  readonly stopped: string | null;
}

function resultOf({ out }: CommandEnd): Replayed {
  const { replays } = JSON.parse(out) as { replays: Replayed[] };
  return replays[0] ?? { replayed: 0, stopped: null };
}

const replayedWhileFailing: Fault = {
  id: 'F51',
  title: 'dead letters replayed while their cause persists',
  injection: `TMDB breaks its contract for the movies of a decade until ${LETTERS} tasks are dead; replayed before it is healed, and after`,
  caughtUpWithinS: 60,
  allows: { providerFailures: true },
  scene: { workerEnv: ONE_TRY },
  expectedErrors: ['provider refuses every request: are its address and our access right?'],
  async inject(scene) {
    const letters = await fillDesk(scene);
    const early = resultOf(await replay(scene));
    // What the command does from here on takes its time, and is not to be measured by what piles up meanwhile.
    await scene.load.stop();
    await scene.sandbox.heal();
    const healedAt = performance.now();
    await wait(LAST_DEATHS_MS);
    const late = await replay(scene);
    scene.load.start();
    return {
      healedAt,
      checks: [
        check('tasks died of it', letters >= LETTERS, letters),
        check(
          'the early replay stops after its canary',
          early.stopped === 'failing' && early.replayed === CANARY,
          `${early.stopped ?? 'not stopped'} after ${early.replayed}`,
        ),
        await allReplayed(scene, late),
      ],
    };
  },
};

const sweepKilled: Fault = {
  id: 'C06',
  title: 'a replay dies in the middle of its sweep',
  injection: `SIGKILL to \`enrich dlq replay\` after the confirm of a letter, before its acknowledgement; the same command again`,
  caughtUpWithinS: 60,
  allows: { providerFailures: true },
  scene: { workerEnv: ONE_TRY },
  expectedErrors: ['provider refuses every request: are its address and our access right?'],
  async inject(scene) {
    const letters = await fillDesk(scene);
    // The lease of the dead command takes its time, and is not to be measured by what piles up meanwhile.
    await scene.load.stop();
    await scene.sandbox.heal();
    const healedAt = performance.now();
    await wait(LAST_DEATHS_MS);
    const env = { FAULT_CRASH_AT: `confirmed:${LETTERS / 2}` };
    const killed = await replay(scene, { module: 'crash-at', env }, '--no-canary');
    const again = await replayWhenFree(scene);
    scene.load.start();
    return {
      healedAt,
      checks: [
        check('tasks died before', letters >= LETTERS, letters),
        check('the command died there', killed.ending === 'signal SIGKILL', killed.ending),
        await allReplayed(scene, again),
      ],
    };
  },
};

/** The queue is free again once the lease of the dead command has run out. */
async function replayWhenFree(scene: Scene): Promise<CommandEnd> {
  for (const until = performance.now() + LEASE_MS; ;) {
    const end = await replay(scene);
    if (end.ending !== BUSY || performance.now() > until) return end;
    await wait(POLL_MS);
  }
}

async function allReplayed({ queues }: Scene, { ending, err }: CommandEnd) {
  const left = await queues.letterCount();
  return check(
    'the replay afterwards enriches all of them',
    ending === 'exit code 0' && left === 0,
    `${ending}, ${left} left ${err.slice(0, 200)}`,
  );
}

export const sweepFaults: readonly Fault[] = [sweepKilled, replayedWhileFailing];
