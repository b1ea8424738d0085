/**
 * How long an urgent task waits while 100,000 backlog tasks wait for the same provider, and what is left for the backlog
 * while urgent work never stops. Times are in intervals of the provider's rate, from the publishing to the arrival of its
 * request at the sandbox.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchSystem } from './bench-system.ts';
import { cleanSlate, emptyLane, waitingAt } from './clean-slate.ts';
import { percentile } from './percentile.ts';

const PROVIDER = 'lastfm';
const PER_SECOND = 5;
const INTERVAL_MS = 1_000 / PER_SECOND;

/** Worker processes by the lanes that they serve. */
interface Crew {
  readonly both: number;
  readonly backlogOnly: number;
}
const CREWS: Readonly<Record<string, Crew>> = {
  roles: { both: 3, backlogOnly: 1 },
  '10': { both: 10, backlogOnly: 0 },
  '3': { both: 3, backlogOnly: 0 },
};
export const CREW_NAMES: readonly string[] = Object.keys(CREWS);

export interface UrgentResult {
  /** Workers of both lanes + of the backlog alone. */
  readonly workers: string;
  readonly backlogWaiting: number;
  readonly samples: number;
  /** In intervals; the target is 1. */
  readonly median: number;
  /** In intervals; the target is 2.5. */
  readonly p99: number;
  readonly longest: number;
  /** Of all requests, while urgent work never stopped; the target is 0.15. */
  readonly backlogShare: number;
  readonly violations: number;
  readonly holds: boolean;
}

export interface UrgentOptions {
  readonly crews: readonly string[];
  readonly samples: number;
  readonly backlog: number;
  readonly say: (line: string) => void;
}

const START_UP_MS = 3_000;
const SHARE_MS = 20_000;
const ENTRY_DEADLINE_MS = 240_000;
const SAMPLE_DEADLINE_MS = 30_000;

export async function measureUrgent(
  system: BenchSystem,
  { crews, samples, backlog, say }: UrgentOptions,
): Promise<UrgentResult[]> {
  await cleanSlate(system);
  const limit = { provider: PROVIDER, count: PER_SECOND, window_ms: 1_000, connections: 1_000 };
  await system.control('PUT', '/limits', limit);
  say(`${backlog} backlog tasks`);
  await publishMany(system, 'backlog', backlog);
  const results: UrgentResult[] = [];
  for (const name of crews) {
    const crew = CREWS[name];
    if (crew === undefined) throw new Error(`--only: one of ${CREW_NAMES.join(', ')}, got '${name}'`);
    const env = { LASTFM_RATE_LIMIT: `${PER_SECOND}/s` };
    await system.startWorkers(crew.both, env);
    if (crew.backlogOnly > 0)
      await system.startWorkers(crew.backlogOnly, { ...env, ENRICHMENT_LANES: 'backlog' });
    say(`${name}: the backlog moves to the provider's stage`);
    const backlogWaiting = await atTheProvider(system, backlog * 0.98);
    await delay(START_UP_MS);
    say(`${name}: ${samples} urgent tasks, one after the other`);
    const waits = await urgentWaits(system, samples);
    say(`${name}: urgent tasks without end`);
    const backlogShare = await shareOfBacklog(system);
    const { violations } = await system.judge(PROVIDER);
    await system.stopWorkers();
    // What is left of it would be before the next crew's urgent tasks.
    await emptyLane(system, PROVIDER, 'priority');
    const [median, p99] = [percentile(waits, 0.5), percentile(waits, 0.99)];
    results.push({
      workers: `${crew.both} + ${crew.backlogOnly}`,
      backlogWaiting,
      samples: waits.length,
      median,
      p99,
      longest: percentile(waits, 1),
      backlogShare,
      violations,
      holds: median <= 1 && p99 <= 2.5 && backlogShare >= 0.15,
    });
  }
  return results;
}

async function atTheProvider(system: BenchSystem, atLeast: number): Promise<number> {
  const until = performance.now() + ENTRY_DEADLINE_MS;
  for (;;) {
    const waiting = await waitingAt(system, PROVIDER);
    if (waiting >= atLeast) return waiting;
    if (performance.now() > until) throw new Error(`only ${waiting} tasks came to the provider's stage`);
    await delay(1_000);
  }
}

/** One at a time, at random moments of the provider's interval. */
async function urgentWaits(system: BenchSystem, samples: number): Promise<readonly number[]> {
  const waits: number[] = [];
  for (let at = 0; at < samples; at++) {
    const name = `urgent${Math.random().toString(36).slice(2, 12)}`;
    const began = Date.now();
    await system.publisher.publish(
      { track_id: name, artist: name, title: 'Unheard', priority: 9 },
      { providers: [PROVIDER], owner: 'urgent' },
    );
    waits.push((await arrivalOf(system, name, began)) / INTERVAL_MS);
    // Its later requests and the share that the backlog has saved up meanwhile must not meet the next one.
    await delay(INTERVAL_MS * (3 + Math.random()));
  }
  return waits;
}

/** Milliseconds until the first request that asks for this name. */
async function arrivalOf(system: BenchSystem, name: string, began: number): Promise<number> {
  while (Date.now() < began + SAMPLE_DEADLINE_MS) {
    const found = (await system.requests(PROVIDER)).find(({ url }) => url.includes(name));
    if (found !== undefined) return found.at - began;
    await delay(20);
  }
  throw new Error(`no request for the urgent task within ${SAMPLE_DEADLINE_MS / 1_000} s`);
}

/** More urgent work than the provider can do, for a while: the part of its requests that was the backlog's. */
async function shareOfBacklog(system: BenchSystem): Promise<number> {
  const from = Date.now();
  await publishMany(system, 'flood', Math.ceil((SHARE_MS / 1_000) * PER_SECOND * 2));
  await delay(SHARE_MS);
  const asked = (await system.requests(PROVIDER)).filter(({ at }) => at > from + INTERVAL_MS * 5);
  return asked.filter(({ url }) => url.includes('backlog')).length / asked.length;
}

async function publishMany(system: BenchSystem, kind: 'backlog' | 'flood', count: number): Promise<void> {
  const run = Math.random().toString(36).slice(2, 10);
  function* records(): Generator<Record<string, string | number>> {
    for (let at = 0; at < count; at++) {
      const id = `${run}-${at}`;
      const priority = kind === 'flood' ? 9 : 1;
      yield { track_id: id, artist: `Nobody ${kind}`, title: `Unheard ${id}`, priority };
    }
  }
  await system.publisher.publishMany(records(), { providers: [PROVIDER], owner: kind });
}
