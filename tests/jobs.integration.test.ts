/** Jobs over the whole path: received into the database, fed by a scheduler, enriched by a worker, counted. */
import { openDesk } from '../shared/dead-letters/desk.ts';
import { edit } from '../shared/dead-letters/edit.ts';
import { receiveRows } from '../shared/jobs/receive-rows.ts';
import { reconcile } from '../shared/jobs/reconcile.ts';
import type { Row } from '../shared/input/read-rows.ts';
import { SILENT } from '../shared/observability/log.ts';
import { pipelineNamed } from '../shared/pipelines/registry.ts';
import { acceptJob } from '../shared/postgres/jobs/accept-job.ts';
import { findJob } from '../shared/postgres/jobs/find-jobs.ts';
import { findTask, listJobResults, listTasks } from '../shared/postgres/jobs/find-tasks.ts';
import { listJobEvents } from '../shared/postgres/jobs/job-events.ts';
import { cancelJob, pauseJob, resumeJob, retryFailed } from '../shared/postgres/jobs/job-acts.ts';
import { hasEnded, type Job, type JobRequest } from '../shared/postgres/jobs/job.ts';
import { openSubmission } from '../shared/postgres/jobs/open-submission.ts';
import { openPool, type Pool } from '../shared/postgres/pool.ts';
import { Connection } from '../shared/rabbitmq/connection.ts';
import { laneQueue, providerPrefix } from '../shared/rabbitmq/topology.ts';
import { openRedis, redisReady } from '../shared/redis/redis-client.ts';
import { eventually } from './harness.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';
import { startTestScheduler } from './scheduler.ts';

let pipeline: TestPipeline;
let pool: Pool;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  pipeline = await openTestPipeline();
  pool = openPool({ url: pipeline.env['DATABASE_URL'] ?? '', max: 4, applicationName: 'test' });
});

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  // What a stopped job has left behind is nobody's, and no other test's.
  for (const prefix of ['movie_enrichment', providerPrefix('tmdb')])
    await pipeline.channel.purgeQueue(laneQueue(prefix, 'priority'));
});

afterAll(async () => {
  await pool.end();
  await pipeline.close();
});

async function startScheduler(env: Record<string, string> = {}): Promise<() => Promise<void>> {
  const stop = await startTestScheduler(pipeline, env);
  stops.push(stop);
  return stop;
}

async function startWorker(env: Record<string, string> = {}): Promise<void> {
  const worker = await pipeline.openWorker(env);
  stops.push(() => worker.stop());
}

/** A provider that refuses everything from the start counts as out of order, and is tried again. */
const DIES_AT_ONCE = { TMDB_ATTEMPTS: '1' };

async function* rowsNamed(names: readonly string[]): AsyncGenerator<Row> {
  for (const [index, name] of names.entries())
    yield {
      line: index + 1,
      original: {},
      accepted: { entity: { movie_id: name, title: name, year: 1999 }, extra: {} },
    };
}

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix} ${index}`);

async function submit(titles: readonly string[], more: Partial<JobRequest> = {}): Promise<string> {
  const request = {
    owner: 'ann',
    pipeline: 'movies',
    lane: 'priority',
    priority: 5,
    strategy: 'first',
  } as const;
  const submission = await openSubmission(pool, { ...request, ...more });
  if (submission.kind !== 'opened') throw new Error(submission.kind);
  const { receiving } = submission;
  await receiveRows(pool, receiving, rowsNamed(titles), { idField: 'movie_id', maxRows: 1e6 });
  const { job } = await acceptJob(pool, receiving, { fingerprint: receiving.jobId, isOnce: false });
  return job.jobId;
}

async function jobOf(jobId: string): Promise<Job> {
  const job = await findJob(pool, jobId, null);
  if (job === undefined) throw new Error(`there is no job ${jobId}`);
  return job;
}

const ended = (jobId: string, timeoutMs = 30_000): Promise<Job> =>
  eventually(
    async () => {
      const job = await jobOf(jobId);
      expect(hasEnded(job.status)).toBe(true);
      expect(job.endedAt).toBeDefined();
      return job;
    },
    { timeoutMs },
  );

/** Counters, recounted from the rows. */
async function recount(jobId: string): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ status: string; count: number }>(
    'select status, count(*)::int as count from job_tasks where job_id = $1 group by 1',
    [jobId],
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

async function expectExact(job: Job): Promise<void> {
  const rows = await recount(job.jobId);
  const { enriched, notFound, ambiguous, cancelled, failed, total, processed, fed } = job.counts;
  expect({
    enriched: rows['enriched'] ?? 0,
    notFound: rows['not_found'] ?? 0,
    ambiguous: rows['ambiguous'] ?? 0,
    cancelled: rows['cancelled'] ?? 0,
    failed: rows['dead'] ?? 0,
  }).toEqual({ enriched, notFound, ambiguous, cancelled, failed });
  expect(processed + failed).toBe(total);
  expect(fed).toBe(0);
}

test('a job is fed, enriched and counted, its end is told once, and its tasks tell their story', async () => {
  await startScheduler();
  await startWorker({ TMDB_COST_PER_REQUEST_USD: '0.25' });
  const jobId = await submit(['The Matrix', ...names('Nothing', 30)]);
  const job = await ended(jobId);
  expect(job).toMatchObject({ status: 'completed', progressPercent: 100 });
  expect(job.requests).toBeGreaterThan(0);
  expect(job.costUsd).toBe(job.requests * 0.25);
  await expectExact(job);
  const types = (await listJobEvents(pool, jobId)).map(({ type }) => type);
  expect(types).toEqual(['job.queued', 'job.completed']);
  const results = await listJobResults(pool, { jobId, owner: 'ann', table: 'movies' }, { limit: 100 });
  expect(results).toHaveLength(31);
  expect(results[0]).toMatchObject({ status: 'enriched', result: { enrichment_status: 'enriched' } });
  const [first] = await listTasks(pool, { jobId }, { limit: 1 });
  const task = await findTask(pool, first?.taskId ?? '', 'ann');
  expect(task?.timeline.map(({ event }) => event)).toContain('look_up');
  expect(await findTask(pool, first?.taskId ?? '', 'bob')).toBeUndefined();
});

test('no more than allowed of a job is in the broker, and what is paused or cancelled there is not fed', async () => {
  await startScheduler({ JOBS_FEED_AHEAD: '100', JOBS_HEAD_START: '10' });
  const jobId = await submit(names('Paused', 1_000));
  await eventually(async () => {
    expect((await jobOf(jobId)).counts.fed).toBe(100);
  });
  await eventually(async () => {
    expect(await pipeline.depth('movie_enrichment_queue')).toBe(100);
  });
  await pauseJob(pool, { jobId, owner: 'ann' });
  await startWorker();
  await eventually(
    async () => {
      expect((await jobOf(jobId)).counts).toMatchObject({ fed: 0, unfed: 900 });
    },
    { timeoutMs: 30_000 },
  );
  await resumeJob(pool, { jobId, owner: 'ann' });
  await cancelJob(pool, { jobId, owner: 'ann' });
  const job = await ended(jobId);
  expect(job.status).toBe('cancelled');
  expect(job.counts.cancelled).toBeGreaterThan(0);
  await expectExact(job);
});

test('tasks of a cancelled job that are in the broker are settled without a request', async () => {
  const stopScheduler = await startScheduler();
  const jobId = await submit(names('Cancelled', 50));
  await eventually(async () => {
    expect(await pipeline.depth('movie_enrichment_queue')).toBe(50);
  });
  await stopScheduler();
  await cancelJob(pool, { jobId, owner: null });
  const before = await pipeline.figures('tmdb');
  await startWorker();
  const job = await ended(jobId);
  expect(job).toMatchObject({ status: 'cancelled', counts: { cancelled: 50 } });
  expect((await pipeline.figures('tmdb')).requests).toBe(before.requests);
});

test('a relay that stops halfway repeats at most what it had claimed, and counts stay exact', async () => {
  const jobId = await submit(names('Claimed', 300));
  // As left behind by one that was killed after publishing, before the broker's confirm was noted.
  const { rowCount } = await pool.query(
    `update job_outbox set claimed_until = now() - interval '1 s' where job_id = $1 and seq <= 120`,
    [jobId],
  );
  await pool.query('update background_jobs set fed_items = $2 where job_id = $1', [jobId, rowCount]);
  await startScheduler();
  await startScheduler();
  await startWorker();
  const job = await ended(jobId);
  await expectExact(job);
  expect(job.counts.total).toBe(300);
  const { rows } = await pool.query('select from job_outbox where job_id = $1', [jobId]);
  expect(rows).toEqual([]);
});

test('a job whose deadline is over ends as expired', async () => {
  await startScheduler({ JOBS_FEED_AHEAD: '100' });
  const jobId = await submit(names('Late', 200), { deadline: Date.now() - 1 });
  const job = await eventually(
    async () => {
      // Nobody consumes: what is in the broker is settled once nobody waits for it any more.
      await pool.query(
        `update background_jobs set stop_requested_at = now() - interval '1 h' where status = 'cancelling'`,
      );
      return ended(jobId, 0);
    },
    { timeoutMs: 20_000 },
  );
  expect(job).toMatchObject({ status: 'expired', counts: { cancelled: 200 } });
  await expectExact(job);
});

test('messages that the broker lost are fed again once two looks agree, and the job completes with exact counts', async () => {
  const stopScheduler = await startScheduler();
  const jobId = await submit(names('Purged', 40));
  await eventually(async () => {
    expect(await pipeline.depth('movie_enrichment_queue')).toBe(40);
  });
  await stopScheduler();
  await pipeline.channel.purgeQueue('movie_enrichment_queue');
  const connection = new Connection({
    url: pipeline.env['RABBITMQ_URL'] ?? '',
    name: 'test#look',
    log: SILENT,
  }).start();
  const redis = openRedis({ url: pipeline.env['REDIS_URL'] ?? '', name: 'test', log: SILENT });
  await redisReady(redis, 2_000);
  const deps = { pool, connection, redis, settleMs: 0, signal: new AbortController().signal };
  const first = await reconcile(deps, {});
  expect(first).toEqual({ missing: { movies: 40, tracks: 0 }, fedAgain: {} });
  const second = await reconcile(deps, first.missing);
  expect(second).toEqual({ missing: { movies: 0, tracks: 0 }, fedAgain: { movies: 40 } });
  // They are on their way: a third look misses nothing.
  expect(await reconcile(deps)).toEqual({ missing: { movies: 0, tracks: 0 }, fedAgain: {} });
  redis.disconnect();
  await connection.close();
  await startScheduler();
  await startWorker();
  const job = await ended(jobId);
  expect(job.counts.total).toBe(40);
  await expectExact(job);
});

test('a failed task is counted as failed, and a retry that enriches it moves it and amends the job', async () => {
  await startScheduler();
  await startWorker(DIES_AT_ONCE);
  await pipeline.control('POST', '/faults', { provider: 'tmdb', kind: 'contract' });
  const jobId = await submit(['The Shawshank Redemption']);
  const failed = await ended(jobId);
  expect(failed).toMatchObject({ status: 'failed', counts: { failed: 1, processed: 0 } });
  await pipeline.control('DELETE', '/faults');
  const acted = await retryFailed(pool, { jobId, owner: 'ann' });
  expect(acted?.isChanged).toBe(true);
  await eventually(
    async () => {
      expect(await jobOf(jobId)).toMatchObject({
        status: 'completed',
        isRetryRequested: false,
        counts: { failed: 0, processed: 1 },
      });
    },
    { timeoutMs: 30_000 },
  );
  const types = (await listJobEvents(pool, jobId)).map(({ type }) => type);
  expect(types).toEqual(['job.queued', 'job.failed', 'job.amended']);
});

test('an edited dead letter of a job settles the row of the task that it takes the place of', async () => {
  await startScheduler();
  await startWorker(DIES_AT_ONCE);
  await pipeline.control('POST', '/faults', { provider: 'tmdb', kind: 'contract' });
  const jobId = await submit(['Jurasic Parc', 'Gladiator']);
  expect((await ended(jobId)).counts.failed).toBe(2);
  await pipeline.control('DELETE', '/faults');
  const { RABBITMQ_URL = '', DATABASE_URL = '' } = pipeline.env;
  const addresses = { rabbitmqUrl: RABBITMQ_URL, databaseUrl: DATABASE_URL };
  const desk = await openDesk({ ...addresses, actor: 'tester', log: SILENT });
  stops.push(() => desk.close());
  const [first] = await listTasks(pool, { jobId }, { limit: 1 });
  const id = first?.taskId ?? '';
  const movies = pipelineNamed('movies')!;
  const { signal } = new AbortController();
  const taken = edit(desk, { pipeline: movies, id, patch: { movie_id: 'Gladiator' } }, { signal });
  await expect(taken).rejects.toThrow('another task');

  const patch = { movie_id: 'jp', title: 'Jurassic Park', year: 1993 };
  const { taskId } = await edit(desk, { pipeline: movies, id, patch }, { signal });
  expect(taskId).not.toBe(id);
  await eventually(
    async () => {
      const job = await jobOf(jobId);
      expect(job).toMatchObject({ status: 'completed_with_errors', counts: { enriched: 1, failed: 1 } });
    },
    { timeoutMs: 30_000 },
  );
  await expectExact(await jobOf(jobId));
  const task = await findTask(pool, taskId ?? '', 'ann');
  expect(task).toMatchObject({ taskId: id, entityId: 'jp', status: 'enriched', payload: { entity: patch } });
  expect(task?.timeline[0]).toMatchObject({ event: 'edited' });
  const [result] = await listJobResults(pool, { jobId, owner: 'ann', table: 'movies' }, { limit: 1 });
  expect(result).toMatchObject({ status: 'enriched', result: { title: 'Jurassic Park' } });
  const types = (await listJobEvents(pool, jobId)).map(({ type }) => type);
  expect(types).toEqual(['job.queued', 'job.failed', 'job.amended']);
});
