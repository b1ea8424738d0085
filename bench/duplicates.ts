/** Ten thousand tasks over a thousand distinct entities, cold, ten workers: how many look-ups are made. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SystemProcess } from '../infra/local-system/system-process.ts';
import type { BenchSystem } from './bench-system.ts';

export interface DuplicatesResult {
  readonly tasks: number;
  readonly distinct: number;
  readonly workers: number;
  readonly lookUps: number;
  /** One for each distinct entity: the least, and the most that is right. */
  readonly target: number;
  /** Of the target: 1. */
  readonly ratio: number;
  readonly requests: number;
  readonly seconds: number;
}

const TASKS = 10_000;
const DISTINCT = 1_000;
const WORKERS = 10;
const DEADLINE_MS = 300_000;

export async function measureDuplicates(
  system: BenchSystem,
  say: (line: string) => void,
): Promise<DuplicatesResult> {
  say(`${TASKS} tasks over ${DISTINCT} entities, ${WORKERS} workers`);
  await system.control('POST', '/reset');
  await system.control('PUT', '/limits', {
    provider: 'lastfm',
    count: 1_000,
    window_ms: 1_000,
    connections: 1_000,
  });
  const run = Math.random().toString(36).slice(2, 10);
  function* records(): Generator<Record<string, string>> {
    for (let at = 0; at < TASKS; at++) {
      yield { track_id: `${run}-${at}`, artist: `Nobody ${run}`, title: `Unheard ${at % DISTINCT}` };
    }
  }
  await system.publisher.publishMany(records(), { providers: ['lastfm'], owner: run });
  const workers = await system.startWorkers(WORKERS, {
    LASTFM_RATE_LIMIT: '200/s',
    LASTFM_MAX_IN_FLIGHT: '50',
  });
  const began = performance.now();
  while ((await rowsOf(system, run)) < TASKS) {
    if (performance.now() - began > DEADLINE_MS) throw new Error('the duplicates are not done in time');
    await delay(500);
  }
  const { requests } = await system.judge('lastfm');
  const lookUps = (await Promise.all(workers.map(lookUpsOf))).reduce((sum, one) => sum + one, 0);
  await system.stopWorkers();
  return {
    tasks: TASKS,
    distinct: DISTINCT,
    workers: WORKERS,
    lookUps,
    target: DISTINCT,
    ratio: lookUps / DISTINCT,
    requests,
    seconds: (performance.now() - began) / 1_000,
  };
}

/** As the worker itself counted them. */
async function lookUpsOf({ record }: SystemProcess): Promise<number> {
  const text = await (await fetch(`${record.url ?? ''}/metrics`)).text();
  const counts = [...text.matchAll(/^enrichment_look_ups_total\{[^}]*\} (\d+)/gm)].map(([, count]) =>
    Number(count),
  );
  return counts.reduce((sum, one) => sum + one, 0);
}

async function rowsOf({ db }: BenchSystem, owner: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'select count(*)::int as count from tracks where owner = $1',
    [owner],
  );
  return rows[0]?.count ?? 0;
}
