import { acceptedJob } from '../../../tests/accepted-job.ts';
import { openTestDatabase, type TestDatabase } from '../../../tests/harness.ts';
import { type Outcome, OUTCOMES } from '../../task/result.ts';
import { openPool, type Pool, withTransaction } from '../pool.ts';
import { findJob } from './find-jobs.ts';
import { eraseHiddenJobs, expireJobs, expireUploads } from './expire-jobs.ts';
import { cancelJob, pauseJob, resumeJob, setJobPriority } from './job-acts.ts';
import { listJobEvents } from './job-events.ts';
import type { Job } from './job.ts';
import { openSubmission } from './open-submission.ts';
import { cancelTasks, claimTasks, confirmFed, listFedJobs } from './outbox.ts';
import { type MovedJob, settleJobTasks } from './settle-tasks.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await openTestDatabase();
  pool = openPool({ url: database.url, max: 8, applicationName: 'test' });
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

/** A job of so many tasks, all of them in the broker. */
async function fedJob(count: number): Promise<string> {
  const jobId = await acceptedJob(pool, count);
  const claim = await claimTasks(pool, jobId, count);
  await confirmFed(pool, jobId, claim?.tasks.map(({ seq }) => seq) ?? []);
  return jobId;
}

interface End {
  readonly jobId: string;
  readonly seq: number;
  readonly outcome: Outcome;
}

const settle = (...ends: readonly End[]): Promise<readonly MovedJob[]> =>
  withTransaction(pool, (client) =>
    settleJobTasks(
      client,
      ends.map((end) => ({ ...end, attempts: {}, timeline: [], requests: 1, costUsd: 0.5 })),
    ),
  );

async function jobOf(jobId: string): Promise<Job> {
  const job = await findJob(pool, jobId, null);
  if (job === undefined) throw new Error(`there is no job ${jobId}`);
  return job;
}

async function recount(jobId: string): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ status: string; count: number }>(
    'select status, count(*)::int as count from job_tasks where job_id = $1 group by 1',
    [jobId],
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

const eventTypes = async (jobId: string): Promise<readonly string[]> =>
  (await listJobEvents(pool, jobId)).map(({ type }) => type);

test('a task has one end, whatever is delivered again', async () => {
  const jobId = await fedJob(2);
  expect(await settle({ jobId, seq: 1, outcome: 'enriched' })).toEqual([{ jobId, lastedSeconds: null }]);
  expect(await settle({ jobId, seq: 1, outcome: 'dead' }, { jobId, seq: 1, outcome: 'not_found' })).toEqual(
    [],
  );
  const job = await jobOf(jobId);
  expect(job).toMatchObject({ status: 'running', requests: 1, costUsd: 0.5, progressPercent: 50 });
  expect(job.counts).toMatchObject({ enriched: 1, processed: 1, failed: 0, fed: 1 });
});

test('a dead task that a replay enriches moves, the job is amended, and its end is not told again', async () => {
  const jobId = await fedJob(2);
  const [ended] = await settle({ jobId, seq: 1, outcome: 'dead' }, { jobId, seq: 2, outcome: 'enriched' });
  expect(ended?.lastedSeconds).toBeGreaterThan(0);
  expect(await jobOf(jobId)).toMatchObject({
    status: 'completed_with_errors',
    counts: { failed: 1, processed: 1 },
  });
  await settle({ jobId, seq: 1, outcome: 'dead' });
  await settle({ jobId, seq: 1, outcome: 'enriched' });
  expect(await jobOf(jobId)).toMatchObject({ status: 'completed', counts: { failed: 0, processed: 2 } });
  expect(await eventTypes(jobId)).toEqual(['job.queued', 'job.completed', 'job.amended']);
});

test('what is no task of a job of ours changes nothing', async () => {
  const foreign = { jobId: '00000000-0000-4000-8000-000000000000', seq: 1, outcome: 'enriched' } as const;
  expect(await settle(foreign)).toEqual([]);
});

test('of two ends of a task in one batch the one that is not dead counts', async () => {
  const jobId = await fedJob(1);
  await settle({ jobId, seq: 1, outcome: 'dead' }, { jobId, seq: 1, outcome: 'ambiguous' });
  expect(await jobOf(jobId)).toMatchObject({ status: 'completed', counts: { ambiguous: 1, failed: 0 } });
});

test('counters equal a recount after batches of many workers that overlap and repeat, and each end is told once', async () => {
  const jobs = await Promise.all([fedJob(120), fedJob(60), fedJob(20)]);
  const all = jobs.flatMap((jobId, at) =>
    Array.from({ length: [120, 60, 20][at] ?? 0 }, (_, index) => ({ jobId, seq: index + 1 })),
  );
  let state = 20_261_122;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const oneOf = <T>(items: readonly T[]): T => items[random(items.length)]!;
  const batches = Array.from({ length: 60 }, () =>
    Array.from({ length: 1 + random(20) }, () => ({ ...oneOf(all), outcome: oneOf(OUTCOMES) })),
  );
  batches.push(all.map((task) => ({ ...task, outcome: 'enriched' as const })));
  const lows = new Map<string, number>();
  for (let at = 0; at < batches.length; at += 8) {
    await Promise.all(batches.slice(at, at + 8).map((batch) => settle(...batch)));
    for (const jobId of jobs) {
      const { processed } = (await jobOf(jobId)).counts;
      expect(processed).toBeGreaterThanOrEqual(lows.get(jobId) ?? 0);
      lows.set(jobId, processed);
    }
  }
  for (const jobId of jobs) {
    const { counts, status } = await jobOf(jobId);
    const rows = await recount(jobId);
    expect(rows['queued']).toBeUndefined();
    expect(counts).toMatchObject({
      enriched: rows['enriched'] ?? 0,
      notFound: rows['not_found'] ?? 0,
      ambiguous: rows['ambiguous'] ?? 0,
      cancelled: rows['cancelled'] ?? 0,
      failed: rows['dead'] ?? 0,
      fed: 0,
      unfed: 0,
    });
    expect(status).toBe(counts.failed === 0 ? 'completed' : 'completed_with_errors');
    expect((await eventTypes(jobId)).filter((type) => type === 'job.completed')).toHaveLength(1);
  }
});

test('a claim that lapsed is taken again without being counted twice, and a settled task is not fed', async () => {
  const jobId = await acceptedJob(pool, 3);
  expect((await claimTasks(pool, jobId, 2))?.tasks.map(({ seq }) => seq)).toEqual([1, 2]);
  expect((await claimTasks(pool, jobId, 1))?.tasks.map(({ seq }) => seq)).toEqual([3]);
  await settle({ jobId, seq: 1, outcome: 'enriched' });
  await pool.query(`update job_outbox set claimed_until = now() - interval '1 s' where job_id = $1`, [jobId]);
  expect((await listFedJobs(pool)).find((one) => one.jobId === jobId)).toMatchObject({
    fed: 2,
    unfed: 0,
    lapsed: 3,
  });
  expect((await claimTasks(pool, jobId, 10))?.tasks.map(({ seq }) => seq)).toEqual([2, 3]);
  expect((await jobOf(jobId)).counts).toMatchObject({ fed: 2, unfed: 0 });
});

test('nothing is claimed of a job that is being cancelled, and what is unfed is cancelled with its counters', async () => {
  const jobId = await acceptedJob(pool, 5);
  await claimTasks(pool, jobId, 2);
  await cancelJob(pool, { jobId, owner: 'ann' });
  expect(await claimTasks(pool, jobId, 2)).toBeUndefined();
  expect(await cancelTasks(pool, jobId, 'unfed', 100)).toBe(true);
  expect(await jobOf(jobId)).toMatchObject({
    status: 'cancelling',
    counts: { cancelled: 3, fed: 2, unfed: 0 },
  });
  await settle({ jobId, seq: 1, outcome: 'cancelled' }, { jobId, seq: 2, outcome: 'enriched' });
  expect(await jobOf(jobId)).toMatchObject({
    status: 'cancelled',
    counts: { cancelled: 4, enriched: 1, fed: 0 },
  });
  expect(await eventTypes(jobId)).toEqual(['job.queued', 'job.cancelling', 'job.cancelled']);
});

test('a change of priority and a pause are in force for what is claimed next', async () => {
  const jobId = await acceptedJob(pool, 3);
  await claimTasks(pool, jobId, 1);
  await setJobPriority(pool, { jobId, owner: 'ann' }, 9);
  expect((await claimTasks(pool, jobId, 1))?.job.priority).toBe(9);
  await pauseJob(pool, { jobId, owner: 'ann' });
  expect(await claimTasks(pool, jobId, 1)).toBeUndefined();
  expect(await resumeJob(pool, { jobId, owner: 'ann' })).toMatchObject({ job: { status: 'running' } });
  expect((await claimTasks(pool, jobId, 1))?.tasks).toHaveLength(1);
});

test('finished jobs go when their time is over, but for the last ones, and take all of their rows with them', async () => {
  const [old, late] = [await fedJob(2), await fedJob(1)];
  await settle({ jobId: old, seq: 1, outcome: 'enriched' }, { jobId: old, seq: 2, outcome: 'enriched' });
  await settle({ jobId: late, seq: 1, outcome: 'enriched' });
  await pool.query(
    `update background_jobs set completed_at = completed_at - interval '2 h' where status = 'completed'`,
  );
  await expireJobs(pool, { hours: 1, last: 1 });
  expect(await findJob(pool, old, null)).toBeUndefined();
  expect(await findJob(pool, late, null)).toBeDefined();
  await eraseHiddenJobs(pool, new AbortController().signal);
  expect(await recount(old)).toEqual({});
  const { rows } = await pool.query('select from background_jobs where job_id = $1', [old]);
  expect(rows).toEqual([]);
});

test('an upload that broke off and that nobody resumed goes', async () => {
  const submission = await openSubmission(pool, {
    owner: '',
    pipeline: 'tracks',
    lane: 'backlog',
    priority: 1,
    strategy: 'first',
  });
  if (submission.kind !== 'opened') throw new Error(submission.kind);
  const { jobId } = submission.receiving;
  expect(await expireUploads(pool, 1)).toBe(0);
  await pool.query(`update background_jobs set receiving_until = now() - interval '2 h' where job_id = $1`, [
    jobId,
  ]);
  expect(await expireUploads(pool, 1)).toBe(1);
  expect(await findJob(pool, jobId, null)).toBeUndefined();
});

test('settling a task is a heap-only update', async () => {
  const jobId = await fedJob(200);
  const ends = Array.from({ length: 100 }, (_, index) => ({
    jobId,
    seq: index * 2 + 1,
    outcome: 'enriched' as const,
    attempts: {},
    timeline: [],
    requests: 1,
    costUsd: 0,
  }));
  const counted = await withTransaction(pool, async (client) => {
    const counts = async (): Promise<{ updated: number; hot: number }> => {
      const { rows } = await client.query<{ updated: number; hot: number }>(
        `select pg_stat_get_xact_tuples_updated('job_tasks'::regclass)::int as updated,
           pg_stat_get_xact_tuples_hot_updated('job_tasks'::regclass)::int as hot`,
      );
      return rows[0]!;
    };
    // Of this connection, since it last reported: what others have done on it is not of this test.
    const before = await counts();
    await settleJobTasks(client, ends);
    const after = await counts();
    return { updated: after.updated - before.updated, hot: after.hot - before.hot };
  });
  expect(counted.updated).toBe(100);
  expect(counted.hot).toBeGreaterThan(90);
});
