/** One fault from first task to verdict: load, fault, heal, catch up, stop, count. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Check, check, type Fault, type QueueType } from './fault.ts';
import { checkInvariants, type Ledgers, repeatedRequests } from './invariants.ts';
import { readJobs } from './load-jobs.ts';
import { findInLog, type LogFindings, passwordsIn } from './log-findings.ts';
import { PATIENCE } from './patience.ts';
import type { RunParts } from './scene-options.ts';
import { Scene } from './scene.ts';
import type { SettledTasks } from './settled-tasks.ts';

export interface Result {
  readonly id: string;
  readonly title: string;
  readonly injection: string;
  readonly queueType: QueueType;
  readonly seed: number;
  readonly tasks: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Seconds from the end of the fault until the next task was settled. */
  readonly workingAgainS: number | null;
  /** Seconds from the end of the fault until everything confirmed by then was settled. */
  readonly caughtUpS: number | null;
  readonly caughtUpWithinS: number;
  readonly redelivered: number;
  readonly repeatedLookUps: number;
  readonly durationS: number;
  readonly checks: readonly Check[];
  readonly held: boolean;
}

/** Load goes on after the fault, so that recovery is seen under it. */
const AFTER_MS = 2_000;
/** Long enough for the steps of the ladder that a fault of some seconds leads to. */
const QUIET_WITHIN_MS = 90_000 * PATIENCE;
const QUIET_POLL_MS = 250;
/** How often workers set their gauges. */
const GAUGES_MS = 1_000;

export async function runFault(fault: Fault, queueType: QueueType, parts: RunParts): Promise<Result> {
  const startedAt = performance.now();
  const scene = await Scene.open(parts, queueType, fault.scene);
  try {
    const settledBefore = scene.settled.ids.size;
    const injected = await fault.inject(scene);
    const { healedAt, checks = [], expectedLetters = new Map<string, string>() } = injected;
    const recovery = recoveryOf(scene, healedAt);
    await wait(AFTER_MS);
    await scene.load.stop();
    const { workingAgainS, caughtUpS } = await recovery;
    await scene.endJobs();
    await quiet(scene);
    const ledgers = await readLedgers(scene, expectedLetters, fault.expectedErrors);
    const caughtUpWithinS = fault.caughtUpWithinS * PATIENCE;
    const all = [
      check('tasks were settled before the fault', settledBefore > 0, settledBefore),
      check(
        'caught up in time',
        caughtUpS !== null && caughtUpS <= caughtUpWithinS,
        `${caughtUpS ?? 'never'} of ${caughtUpWithinS} s`,
      ),
      ...checks,
      ...checkInvariants(ledgers, fault.allows),
    ];
    return {
      ...{ id: fault.id, title: fault.title, injection: fault.injection },
      ...{ queueType, seed: parts.seed, workingAgainS, caughtUpS, caughtUpWithinS },
      tasks: ledgers.confirmed.size,
      outcomes: countBy(ledgers.rows.map(({ status }) => status)),
      redelivered:
        injected.redelivered ?? [...ledgers.redelivered.values()].reduce((total, one) => total + one, 0),
      repeatedLookUps: repeatedRequests(ledgers.requests).length,
      durationS: seconds(performance.now() - startedAt),
      checks: all,
      held: all.every(({ held }) => held),
    };
  } finally {
    await scene.close();
  }
}

async function recoveryOf(
  scene: Scene,
  healedAt: number,
): Promise<Pick<Result, 'workingAgainS' | 'caughtUpS'>> {
  const due = [...scene.load.confirmed].filter(([, at]) => at <= healedAt).map(([id]) => id);
  const since = (at: number | undefined): number | null => (at === undefined ? null : seconds(at - healedAt));
  const [working, caughtUp] = await Promise.all([
    nextSettled(scene.settled, healedAt),
    scene.settled.until((ids) => due.every((id) => ids.has(id)), QUIET_WITHIN_MS),
  ]);
  return { workingAgainS: since(working), caughtUpS: since(caughtUp) };
}

/** The first look after the fault says what was settled by then; the next task more is work again. */
async function nextSettled(settled: SettledTasks, healedAt: number): Promise<number | undefined> {
  let before: number | undefined;
  return settled.until((ids) => {
    if (settled.seenAt < healedAt) return false;
    before ??= ids.size;
    return ids.size > before;
  }, QUIET_WITHIN_MS);
}

/** Until nothing is left to settle; what is left at the end of the time is found by the invariants. */
async function quiet(scene: Scene): Promise<void> {
  const { confirmed } = scene.load;
  const deadline = performance.now() + QUIET_WITHIN_MS;
  await scene.settled.until((ids) => [...confirmed.keys()].every((id) => ids.has(id)), QUIET_WITHIN_MS);
  while (performance.now() < deadline && (await isBusy(scene))) await wait(QUIET_POLL_MS);
}

/** Copies of tasks that have an end already are still on their way: in queues, then in the hands of workers. */
async function isBusy({ queues, workers }: Scene): Promise<boolean> {
  if ((await queues.waiting()).size > 0) return true;
  // The gauges are a second old at most, and a message on its way between two stages is in none.
  await wait(2 * GAUGES_MS);
  const running = workers.filter(({ isRunning }) => isRunning);
  await Promise.all(running.map((worker) => worker.scrape()));
  return running.some(({ figures }) => figures.inFlight > 0) || (await queues.waiting()).size > 0;
}

async function readLedgers(
  scene: Scene,
  expectedLetters: ReadonlyMap<string, string>,
  expectedErrors: readonly string[] = [],
): Promise<Ledgers> {
  const endings = await scene.stopWorkers();
  const redelivered = new Map<string, number>();
  for (const worker of scene.workers) {
    for (const [queue, count] of worker.figures.redelivered)
      redelivered.set(queue, (redelivered.get(queue) ?? 0) + count);
  }
  const unclean = [...endings]
    .filter(([worker, ending]) => !worker.wasKilled && ending !== 'exit code 0')
    .map(([worker, ending]) => worker.log(`${worker.name}: ${ending}`));
  return {
    published: scene.load.published,
    confirmed: new Set(scene.load.confirmed.keys()),
    refused: scene.load.refused,
    rows: await scene.settled.rows(),
    letters: await scene.queues.takeLetters(),
    jobs: await readJobs(scene.urls.database),
    expectedLetters,
    waiting: await scene.queues.waiting(),
    requests: await scene.sandbox.log(),
    figures: await scene.sandbox.figures(),
    redelivered,
    withoutRedis: scene.workers.reduce((total, { figures }) => total + figures.withoutRedis, 0),
    unclean,
    logs: readLogs(scene, expectedErrors),
  };
}

function readLogs({ workers, urls }: Scene, expected: readonly string[]): LogFindings {
  const secrets = passwordsIn(Object.values(urls));
  const findings = workers.map((worker) => findInLog(worker.readLog(), { expected, secrets }));
  return {
    errors: findings.flatMap(({ errors }) => errors),
    leaks: findings.flatMap(({ leaks }) => leaks),
  };
}

const seconds = (ms: number): number => Math.max(0, Math.round(ms / 10) / 100);

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
