import { setTimeout as wait } from 'node:timers/promises';
import { providerPrefix, laneQueue, QUARANTINE } from '../../../shared/rabbitmq/topology.ts';
import { check, type Fault } from '../fault.ts';
import { PATIENCE } from '../patience.ts';
import type { Scene } from '../scene.ts';
import { allLive } from './meanwhile.ts';
import type { WorkItem } from '../workload.ts';

const POLL_MS = 250;
const COPIES = 3;
const DUPLICATED = 120;

const duplicates: Fault = {
  id: 'F41',
  title: 'the same task several times at once',
  injection: `${DUPLICATED} tasks, most about things that nobody asked for yet, each published ${COPIES} times`,
  caughtUpWithinS: 30,
  async inject(scene) {
    await scene.load.publish(duplicated(scene));
    return { healedAt: performance.now() };
  },
};

function duplicated({ workload }: Scene): WorkItem[] {
  const items = Array.from({ length: DUPLICATED }, (_, at) =>
    workload.about('tracks', { artist: 'The Nobodies', title: `Song Without Listeners ${at % 60}` }),
  );
  return Array.from({ length: COPIES }, () => items).flat();
}

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** Begins with a mark that is found again in the dead letter. */
const BAD: readonly { readonly body: (mark: string) => string; readonly reason: string }[] = [
  { body: (mark) => `${mark} is no JSON`, reason: 'not_json' },
  { body: (mark) => `["${mark}"]`, reason: 'invalid' },
  { body: (mark) => `{"track_id":"${mark}","artist":"a"}`, reason: 'invalid' },
  { body: (mark) => `{"track_id":"${mark}","artist":{"name":"a"},"title":"b"}`, reason: 'invalid' },
  {
    body: (mark) => `{"track_id":"${mark}","artist":"a","title":"b","duration_ms":1e400}`,
    reason: 'invalid',
  },
  {
    body: (mark) => `{"track_id":"${mark}","artist":"a","title":"b","deep":${nested(200)}}`,
    reason: 'too_deep',
  },
  {
    body: (mark) => `{"track_id":"${mark}","artist":"a","title":"b","long":"${'x'.repeat(300 * 1024)}"}`,
    reason: 'too_large',
  },
  {
    body: (mark) => `{"track_id":"${mark}","artist":"a","title":"b","pipeline":"nobody"}`,
    reason: 'invalid',
  },
];

const poison: Fault = {
  id: 'F48',
  title: 'messages that can never be tasks',
  injection: 'not JSON, wrong types, missing fields, 200 levels deep, 300 KiB, to entry and provider stages',
  caughtUpWithinS: 10,
  async inject(scene) {
    const { queues, vhost } = scene;
    const expectedLetters = new Map<string, string>();
    const targets = [
      laneQueue('metadata_enrichment', 'priority'),
      laneQueue('metadata_enrichment', 'backlog'),
      laneQueue(providerPrefix('spotify'), 'priority'),
    ];
    for (const [at, target] of targets.entries()) {
      const messages = BAD.map(({ body, reason }, index) => {
        const mark = `bad-${vhost}-${at}-${index}`;
        expectedLetters.set(mark, reason);
        return { body: Buffer.from(body(mark)) };
      });
      await queues.send(target, messages);
    }
    return {
      healedAt: performance.now(),
      expectedLetters,
      checks: [allLive(scene)],
    };
  },
};

/** Five deaths among others, three in the quarantine, and some that the broker counts otherwise. */
const MOST_DEATHS = 14;
/** Longer than a redelivery takes. */
const CALM_MS = 3_000;
const CALM_WITHIN_MS = 90_000 * PATIENCE;
const DEADLY = 'deadly-message';

const deadly: Fault = {
  id: 'F49',
  title: 'a message that ends whoever reads it',
  injection: 'one message whose parsing kills the process; a supervisor starts every dead worker again',
  caughtUpWithinS: 30,
  scene: { preload: { module: DEADLY, env: {} }, perSecond: 100 },
  async inject(scene) {
    const mark = `deadly-${scene.vhost}`;
    const body = { track_id: mark, artist: 'a', title: 'b', note: 'ends whoever reads it' };
    const entry = laneQueue('metadata_enrichment', 'priority');
    await scene.queues.send(entry, [{ body: Buffer.from(JSON.stringify(body)) }]);
    const deaths = await superviseUntilCalm(scene);
    return {
      healedAt: performance.now(),
      expectedLetters: new Map([[mark, 'poison']]),
      checks: [check('it ends no process any more', deaths <= MOST_DEATHS, `after ${deaths} deaths`)],
    };
  },
};

/**
 * Starts dead workers again until the message is a dead letter and nobody dies any more: one that dies between moving it
 * and acknowledging it leaves two. Throws when that takes too long.
 */
async function superviseUntilCalm(scene: Scene): Promise<number> {
  let deaths = 0;
  let died = performance.now();
  const deadline = died + CALM_WITHIN_MS;
  while (deaths <= MOST_DEATHS) {
    if (performance.now() - died > CALM_MS && (await isOver(scene))) break;
    if (performance.now() > deadline) throw new Error(`no dead letter in time, after ${deaths} deaths`);
    for (const worker of scene.workers.filter((one) => !one.isRunning && !one.wasKilled)) {
      worker.wasKilled = true;
      deaths++;
      died = performance.now();
      await scene.startWorker();
    }
    await wait(POLL_MS);
  }
  return deaths;
}

/** The message has been given up on, and no copy of it is still to be read. */
const isOver = async ({ queues }: Scene): Promise<boolean> =>
  (await queues.letterCount()) > 0 && !(await queues.waiting()).has(QUARANTINE);

export const messageFaults: readonly Fault[] = [duplicates, poison, deadly];
