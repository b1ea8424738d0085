/**
 * Whether a slow, failing, hanging or closed provider holds up tasks that need another one. One task in five needs a
 * provider that is limited to one request a second, the others one that is limited to 50; both get more than they can do.
 * What the others come to is held against what they come to alone, on the same servers and workers.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Lane } from '../shared/task/task.ts';
import type { BenchSystem } from './bench-system.ts';
import { cleanSlate } from './clean-slate.ts';
import { percentile } from './percentile.ts';

const SLOW = 'musicbrainz';
const FAST = 'lastfm';
const LIMITS = { [SLOW]: 1, [FAST]: 50 };

/** What is wrong with the slow provider, as the sandbox plays it; nothing is wrong with `slow` but its rate. */
const TROUBLES: Readonly<Record<string, readonly object[]>> = {
  slow: [],
  '503': [{ provider: SLOW, kind: 'status', status: 503 }],
  hanging: [{ provider: SLOW, kind: 'hang' }],
  paused: [{ provider: SLOW, kind: 'rate_limited', retry_after: 3_600 }],
};
export const TROUBLE_NAMES: readonly string[] = Object.keys(TROUBLES);

export interface IsolationResult {
  readonly lane: Lane;
  readonly trouble: string;
  readonly seconds: number;
  /** Finished a second, of the tasks that need the fast provider. */
  readonly othersPerSecond: number;
  /** Of what they came to alone; the target is 0.98. */
  readonly ofAlone: number;
  /** Of tasks whose answer is cached, from the publishing to the transaction with the row; the target is 100. */
  readonly warmP99Ms: number;
  readonly warmTasks: number;
  readonly holds: boolean;
}

export interface IsolationOptions {
  readonly lanes: readonly Lane[];
  readonly troubles: readonly string[];
  readonly seconds: number;
  readonly say: (line: string) => void;
}

const WORKERS = 3;
const TARGET_RATIO = 0.98;
const TARGET_WARM_MS = 100;
/** Processes start, the entry stage works off the first rush, the line at the fast provider forms. */
const WARM_UP_MS = 8_000;
const TICK_MS = 100;
/** More than the provider does, and not so much more that the machine is busy with it. */
const OTHERS_PER_TICK = 6;
const SLOW_PER_TICK = 1.5;

export async function measureIsolation(
  system: BenchSystem,
  { lanes, troubles, seconds, say }: IsolationOptions,
): Promise<IsolationResult[]> {
  const results: IsolationResult[] = [];
  for (const lane of lanes) {
    const measure = (trouble: string): Promise<Measured> => {
      say(`${lane} lane, ${trouble}, ${seconds} s`);
      return run(system, { lane, trouble, seconds });
    };
    const alone = await measure('alone');
    results.push(resultOf(alone, alone));
    for (const trouble of troubles) results.push(resultOf(await measure(trouble), alone));
  }
  return results;
}

interface Run {
  readonly lane: Lane;
  readonly trouble: string;
  readonly seconds: number;
}

type Measured = Omit<IsolationResult, 'ofAlone' | 'holds'>;

function resultOf(measured: Measured, alone: Measured): IsolationResult {
  const ofAlone = measured.othersPerSecond / alone.othersPerSecond;
  const holds = ofAlone >= TARGET_RATIO && measured.warmP99Ms < TARGET_WARM_MS;
  return { ...measured, ofAlone, holds };
}

async function run(system: BenchSystem, { lane, trouble, seconds }: Run): Promise<Measured> {
  await cleanSlate(system);
  // The gate is what limits here; how near it goes to the limit of a service is another scenario.
  for (const [provider, perSecond] of Object.entries(LIMITS)) {
    const limit = { provider, count: 2 * perSecond, window_ms: 1_000, connections: 1_000 };
    await system.control('PUT', '/limits', limit);
  }
  for (const fault of TROUBLES[trouble] ?? []) await system.control('POST', '/faults', fault);
  await system.startWorkers(WORKERS, {
    LASTFM_RATE_LIMIT: `${LIMITS[FAST]}/s`,
    LASTFM_MAX_IN_FLIGHT: '50',
    MUSICBRAINZ_RATE_LIMIT: `${LIMITS[SLOW]}/s`,
  });
  const owner = `isolation-${Math.random().toString(36).slice(2, 10)}`;
  const ended = new AbortController();
  const publishing = publish(system, { owner, lane, hasSlow: trouble !== 'alone', signal: ended.signal });
  await delay(WARM_UP_MS);
  const from = Date.now();
  await delay(seconds * 1_000);
  const to = Date.now();
  ended.abort();
  const warm = await publishing;
  // What was published last is on its way.
  await delay(1_000);
  const rows = await finishedBetween(system, owner, from, to);
  const warmMs = rows.flatMap(({ id, at }) => at - (warm.get(id) ?? NaN)).filter((ms) => !Number.isNaN(ms));
  await system.stopWorkers();
  const others = rows.filter(({ id }) => id.startsWith('other-')).length;
  return {
    lane,
    trouble,
    seconds,
    othersPerSecond: others / seconds,
    warmP99Ms: percentile(warmMs, 0.99),
    warmTasks: warmMs.length,
  };
}

interface Load {
  readonly owner: string;
  readonly lane: Lane;
  readonly hasSlow: boolean;
  readonly signal: AbortSignal;
}

/** A steady stream until the signal; resolves with when each warm task was published (epoch milliseconds, by id). */
async function publish(
  system: BenchSystem,
  { owner, lane, hasSlow, signal }: Load,
): Promise<Map<string, number>> {
  const warm = new Map<string, number>();
  const began = performance.now();
  let serial = 0;
  const one = (kind: string, provider: string, title: string): Promise<string> => {
    const id = `${kind}-${serial++}`;
    if (kind === 'warm') warm.set(id, Date.now());
    const record = { track_id: id, artist: `Nobody ${owner}`, title };
    return system.publisher.publish(record, { providers: [provider], owner, lane });
  };
  for (let tick = 0; !signal.aborted; tick++) {
    const sent = [one('warm', FAST, 'Known')];
    for (let at = 0; at < OTHERS_PER_TICK; at++) sent.push(one('other', FAST, `Unheard ${serial}`));
    const slow = hasSlow ? Math.floor((tick + 1) * SLOW_PER_TICK) - Math.floor(tick * SLOW_PER_TICK) : 0;
    for (let at = 0; at < slow; at++) sent.push(one('slow', SLOW, `Unheard ${serial}`));
    await Promise.all(sent);
    await delay(Math.max(0, began + (tick + 1) * TICK_MS - performance.now()));
  }
  return warm;
}

async function finishedBetween(
  { db }: BenchSystem,
  owner: string,
  from: number,
  to: number,
): Promise<readonly { readonly id: string; readonly at: number }[]> {
  const { rows } = await db.query<{ id: string; at: number }>(
    `select track_id as id, extract(epoch from updated_at)::float8 * 1000 as at from tracks
     where owner = $1 and updated_at between to_timestamp($2::float8 / 1000) and to_timestamp($3::float8 / 1000)`,
    [owner, from, to],
  );
  return rows;
}
