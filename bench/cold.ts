/**
 * Tasks that have to be looked up, at a provider that is slow and has no limit: what is in flight decides then. Most
 * look-ups take more than one request, so requests are what is held against what the latency allows.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchSystem } from './bench-system.ts';
import { cleanSlate } from './clean-slate.ts';
import { makeSlow } from './slow-provider.ts';

const PROVIDER = 'lastfm';
const POLL_MS = 50;
const DEADLINE_MS = 240_000;

export interface ColdResult {
  readonly latencyMs: number;
  readonly tasks: number;
  readonly inFlight: number;
  /** From the first publishing to the last row. */
  readonly seconds: number;
  /** Without the first and the last tenth of the requests: starting up and running dry are in `seconds`. */
  readonly requestsPerSecond: number;
  /** Of in flight / latency. */
  readonly ofPossible: number;
}

/** Each needs one worker and a start of its own: latency in ms, tasks, most requests in flight. */
const RUNS = [
  { latencyMs: 200, tasks: 100, inFlight: 100 },
  { latencyMs: 200, tasks: 10_000, inFlight: 100 },
  { latencyMs: 50, tasks: 10_000, inFlight: 100 },
  { latencyMs: 5, tasks: 20_000, inFlight: 200 },
];

export async function measureCold(system: BenchSystem, say: (line: string) => void): Promise<ColdResult[]> {
  const results: ColdResult[] = [];
  for (const run of RUNS) {
    say(`${run.tasks} tasks, ${run.latencyMs} ms, ${run.inFlight} in flight`);
    const result = await measureRun(system, run);
    const { seconds, requestsPerSecond, ofPossible } = result;
    say(
      `  ${seconds.toFixed(1)} s, ${Math.round(requestsPerSecond)} requests/s, ${ofPossible.toFixed(2)} of possible`,
    );
    results.push(result);
  }
  return results;
}

async function measureRun(system: BenchSystem, run: (typeof RUNS)[number]): Promise<ColdResult> {
  const { latencyMs, tasks, inFlight } = run;
  await cleanSlate(system);
  await makeSlow(system, PROVIDER, latencyMs);
  await system.startWorkers(1, {
    LASTFM_RATE_LIMIT: '100000/s',
    LASTFM_MAX_IN_FLIGHT: String(inFlight),
  });
  const owner = `cold-${Math.random().toString(36).slice(2, 8)}`;
  function* records(): Generator<Record<string, string>> {
    for (let at = 0; at < tasks; at += 1)
      yield { track_id: `${owner}-${at}`, artist: `Nobody ${owner}`, title: `Unheard ${at}` };
  }
  const began = performance.now();
  await system.publisher.publishMany(records(), { providers: [PROVIDER], owner });
  await written(system, owner, tasks, began + DEADLINE_MS);
  const seconds = (performance.now() - began) / 1_000;
  const requestsPerSecond = middleRate(await system.arrivals(PROVIDER));
  await system.stopWorkers();
  return {
    ...run,
    seconds,
    requestsPerSecond,
    ofPossible: requestsPerSecond / (inFlight / (latencyMs / 1_000)),
  };
}

function middleRate(arrivals: readonly number[]): number {
  const tenth = Math.floor(arrivals.length / 10);
  const middle = arrivals.slice(tenth, arrivals.length - tenth);
  return ((middle.length - 1) / ((middle.at(-1) ?? 0) - (middle[0] ?? 0))) * 1_000;
}

async function written({ db }: BenchSystem, owner: string, tasks: number, deadline: number): Promise<void> {
  for (;;) {
    const { rows } = await db.query<{ count: number }>(
      'select count(*)::int as count from tracks where owner = $1',
      [owner],
    );
    if (rows[0]?.count === tasks) return;
    if (performance.now() > deadline) throw new Error(`${rows[0]?.count ?? 0} of ${tasks} rows in time`);
    await delay(POLL_MS);
  }
}
