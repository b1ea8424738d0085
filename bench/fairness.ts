/**
 * How long a small job takes beside a large one of somebody else, in the same lane and at the same provider, against
 * what it takes alone; and how fast the large one is received.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Row } from '../shared/input/read-rows.ts';
import { receiveRows } from '../shared/jobs/receive-rows.ts';
import { acceptJob } from '../shared/postgres/jobs/accept-job.ts';
import { findJob } from '../shared/postgres/jobs/find-jobs.ts';
import { cancelJob } from '../shared/postgres/jobs/job-acts.ts';
import { openSubmission } from '../shared/postgres/jobs/open-submission.ts';
import type { BenchSystem } from './bench-system.ts';
import { cleanSlate } from './clean-slate.ts';
import { percentile } from './percentile.ts';

const PROVIDER = 'lastfm';
const PER_SECOND = 50;

export interface FairnessResult {
  readonly largeRows: number;
  readonly smallRows: number;
  /** Of the large job: until it was durable. */
  readonly acceptSeconds: number;
  /** Medians. */
  readonly aloneSeconds: number;
  readonly besideSeconds: number;
  /** The target is 5 at most. */
  readonly factor: number;
  /** Settled tasks of the large job while the small ones ran. */
  readonly largeSettled: number;
  readonly holds: boolean;
}

export interface FairnessOptions {
  readonly large: number;
  readonly small: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

const POLL_MS = 50;
const DEADLINE_MS = 300_000;
/** Until as much of the large job is in the broker as ever will be. */
const FILL_MS = 5_000;

export async function measureFairness(
  system: BenchSystem,
  { large, small, rounds, say }: FairnessOptions,
): Promise<FairnessResult> {
  await cleanSlate(system);
  await system.control('PUT', '/limits', {
    provider: PROVIDER,
    count: PER_SECOND,
    window_ms: 1_000,
    connections: 1_000,
  });
  await system.startWorkers(2, { LASTFM_RATE_LIMIT: `${PER_SECOND}/s` });
  await system.startScheduler();
  say(`${rounds} jobs of ${small} rows, alone`);
  const alone = await inTurn(system, small, rounds);
  say(`a job of ${large} rows`);
  const began = performance.now();
  const jobId = await submit(system, 'large', large);
  const acceptSeconds = (performance.now() - began) / 1_000;
  await delay(FILL_MS);
  const before = await settled(system, jobId);
  say(`${rounds} jobs of ${small} rows, beside it`);
  const beside = await inTurn(system, small, rounds);
  const largeSettled = (await settled(system, jobId)) - before;
  await cancelJob(system.db, { jobId, owner: null });
  const [aloneSeconds, besideSeconds] = [percentile(alone, 0.5), percentile(beside, 0.5)];
  const factor = besideSeconds / aloneSeconds;
  return {
    largeRows: large,
    smallRows: small,
    acceptSeconds,
    aloneSeconds,
    besideSeconds,
    factor,
    largeSettled,
    holds: factor <= 5,
  };
}

/** Seconds of each. */
async function inTurn(system: BenchSystem, rows: number, rounds: number): Promise<readonly number[]> {
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    const jobId = await submit(system, `small-${round}`, rows);
    while ((await settled(system, jobId)) < rows) {
      if (performance.now() - began > DEADLINE_MS) throw new Error(`job ${jobId} does not end`);
      await delay(POLL_MS);
    }
    seconds.push((performance.now() - began) / 1_000);
  }
  return seconds;
}

async function settled({ db }: BenchSystem, jobId: string): Promise<number> {
  const job = await findJob(db, jobId, null);
  return job === undefined ? 0 : job.counts.processed + job.counts.failed;
}

async function submit({ db }: BenchSystem, owner: string, rows: number): Promise<string> {
  const submission = await openSubmission(db, {
    owner,
    pipeline: 'tracks',
    lane: 'priority',
    priority: 5,
    providers: [PROVIDER],
    strategy: 'first',
  });
  if (submission.kind !== 'opened') throw new Error(`the submission is ${submission.kind}`);
  const { receiving } = submission;
  await receiveRows(db, receiving, unheard(rows), { idField: 'track_id', maxRows: rows });
  await acceptJob(db, receiving, { fingerprint: receiving.jobId, isOnce: false });
  return receiving.jobId;
}

/** Records that nobody has asked for before. */
async function* unheard(count: number): AsyncGenerator<Row> {
  const run = Math.random().toString(36).slice(2, 10);
  for (let line = 1; line <= count; line += 1) {
    const id = `${run}-${line}`;
    yield {
      line,
      original: {},
      accepted: { entity: { track_id: id, artist: `Nobody ${run}`, title: `Unheard ${id}` }, extra: {} },
    };
  }
}
