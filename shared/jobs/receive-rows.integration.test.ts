import { openTestDatabase, type TestDatabase } from '../../tests/harness.ts';
import type { Row } from '../input/read-rows.ts';
import { acceptJob } from '../postgres/jobs/accept-job.ts';
import { countLiveJobs, countUnfed, findJob, listJobs } from '../postgres/jobs/find-jobs.ts';
import { findSubmittedColumns, listRejects, listTasks } from '../postgres/jobs/find-tasks.ts';
import { deleteJob } from '../postgres/jobs/job-acts.ts';
import type { JobRequest } from '../postgres/jobs/job.ts';
import { openSubmission, type Receiving } from '../postgres/jobs/open-submission.ts';
import { ReceivingLost, restartReceiving } from '../postgres/jobs/receive-tasks.ts';
import { openPool, type Pool } from '../postgres/pool.ts';
import { receiveRows, TooManyRows } from './receive-rows.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await openTestDatabase();
  pool = openPool({ url: database.url, max: 4, applicationName: 'test' });
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

const REQUEST: JobRequest = {
  owner: 'ann',
  pipeline: 'tracks',
  lane: 'priority',
  priority: 5,
  strategy: 'first',
};

const good = (id: string, line: number): Row => ({
  line,
  original: {},
  accepted: { entity: { track_id: id, artist: 'a', title: id }, extra: {} },
});
const bad = (line: number): Row => ({
  line,
  original: { artist: 'a' },
  problems: [{ field: 'title', value: '', reason: 'is required' }],
});

async function* stream(...rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}

async function open(request: Partial<JobRequest> = {}, key?: string): Promise<Receiving> {
  const submission = await openSubmission(pool, { ...REQUEST, ...request }, key);
  if (submission.kind !== 'opened') throw new Error(`the submission is ${submission.kind}`);
  return submission.receiving;
}

const receive = (receiving: Receiving, ...rows: readonly Row[]) =>
  receiveRows(pool, receiving, stream(...rows), { idField: 'track_id', maxRows: 100_000 });

/** As if its receiver had been silent for a minute. */
const fallSilent = ({ jobId }: Receiving) =>
  pool.query(`update background_jobs set receiving_until = now() - interval '1 s' where job_id = $1`, [
    jobId,
  ]);

const accept = (receiving: Receiving, fingerprint: string, isOnce = false) =>
  acceptJob(pool, receiving, { fingerprint, isOnce });

test('good rows become tasks in their order, bad ones are kept, the same entity twice is one task', async () => {
  const receiving = await open({ label: 'spring' });
  const counts = await receive(receiving, good('b', 2), bad(3), good('a', 4), good('b', 5));
  expect(counts).toEqual({ rows: 4, tasks: 2, duplicates: 1, rejected: 1 });
  expect((await findJob(pool, receiving.jobId, 'ann'))?.status).toBe('receiving');
  const { kind, job } = await accept(receiving, 'spring');
  expect(kind).toBe('accepted');
  expect(job).toMatchObject({ status: 'queued', label: 'spring', progressPercent: 0 });
  expect(job.counts).toMatchObject({ total: 2, unfed: 2, rejected: 1, duplicates: 1 });
  const tasks = await listTasks(pool, { jobId: job.jobId, statuses: ['waiting'] }, { limit: 10 });
  expect(tasks.map(({ entityId, line, seq }) => [entityId, line, seq])).toEqual([
    ['b', 2, 1],
    ['a', 4, 3],
  ]);
  expect(await listRejects(pool, job.jobId, { limit: 10 })).toEqual([{ ...bad(3), seq: 2 }]);
});

test('a job of another owner is not there', async () => {
  const { jobId } = await open();
  expect(await findJob(pool, jobId, 'bob')).toBeUndefined();
  expect(await findJob(pool, jobId, null)).toBeDefined();
  expect(await findJob(pool, 'no uuid', null)).toBeUndefined();
});

test('two requests with one key at the same moment make one job', async () => {
  const both = await Promise.all([
    openSubmission(pool, REQUEST, 'at-once'),
    openSubmission(pool, REQUEST, 'at-once'),
  ]);
  expect(both.map(({ kind }) => kind).sort()).toEqual(['busy', 'opened']);
});

test('an upload that broke off is resumed by its key, and who held it before can add nothing', async () => {
  const lost = await open({}, 'torn');
  await receive(lost, good('x', 1), bad(2));
  await fallSilent(lost);
  const submission = await openSubmission(pool, REQUEST, 'torn');
  if (submission.kind !== 'opened') throw new Error(submission.kind);
  expect(submission.isResumed).toBe(true);
  await restartReceiving(pool, submission.receiving);
  await expect(receive(lost, good('y', 1))).rejects.toThrow(ReceivingLost);
  await expect(accept(lost, 'torn')).rejects.toThrow(ReceivingLost);
  await receive(submission.receiving, good('z', 1));
  const { job } = await accept(submission.receiving, 'torn');
  expect(job.jobId).toBe(lost.jobId);
  expect(job.counts).toMatchObject({ total: 1, rejected: 0 });
});

test('a key of an accepted job is answered with that job, and accepting it twice changes nothing', async () => {
  const receiving = await open({}, 'again');
  await receive(receiving, good('x', 1));
  const first = await accept(receiving, 'again');
  await pool.query(`update background_jobs set status = 'running' where job_id = $1`, [receiving.jobId]);
  expect((await accept(receiving, 'again')).job.status).toBe('running');
  const submission = await openSubmission(pool, REQUEST, 'again');
  expect(submission).toMatchObject({
    kind: 'submitted',
    job: { jobId: first.job.jobId, fingerprint: 'again' },
  });
});

test('the same content within a day is answered with the first job, unless it is forced', async () => {
  const [first, second, forced, other] = [
    await open(),
    await open(),
    await open(),
    await open({ owner: 'bob' }),
  ];
  for (const receiving of [first, second, forced, other]) await receive(receiving, good('x', 1));
  await accept(first, 'file', true);
  const same = await accept(second, 'file', true);
  expect(same).toMatchObject({ kind: 'same_as', job: { jobId: first.jobId } });
  expect(await findJob(pool, second.jobId, null)).toBeUndefined();
  expect((await accept(forced, 'file')).kind).toBe('accepted');
  expect((await accept(other, 'file', true)).kind).toBe('accepted');
});

test('a submission without a good row has failed at once, with its reason', async () => {
  const receiving = await open();
  await receive(receiving, bad(1));
  const { job } = await accept(receiving, 'bad');
  expect(job).toMatchObject({ status: 'failed', error: 'no row could be accepted' });
  expect(job.endedAt).toBeDefined();
});

test('batches of any size come to the same counts', async () => {
  const receiving = await open();
  const rows = Array.from({ length: 2_500 }, (_, index) => good(`t${index % 2_400}`, index + 1));
  expect(await receive(receiving, ...rows)).toMatchObject({ tasks: 2_400, duplicates: 100 });
  const { job } = await accept(receiving, 'many');
  expect(job.counts).toMatchObject({ total: 2_400, duplicates: 100 });
});

test('more rows than allowed end the upload', async () => {
  const receiving = await open();
  const upload = receiveRows(pool, receiving, stream(good('a', 1), good('b', 2)), {
    idField: 'track_id',
    maxRows: 1,
  });
  await expect(upload).rejects.toThrow(TooManyRows);
});

test('what waits for the broker is counted, and what an owner has that is not over', async () => {
  const before = await countUnfed(pool);
  const receiving = await open({ owner: 'counted' });
  await receive(receiving, good('a', 1), good('b', 2));
  expect(await countUnfed(pool)).toBe(before + 2);
  expect(await countLiveJobs(pool, 'counted')).toBe(1);
});

test('rejected rows are found with the columns of their file', async () => {
  const receiving = await open();
  await receive(receiving, good('a', 2), bad(3));
  const columns = ['artist', 'title'];
  const { job } = await acceptJob(pool, receiving, { fingerprint: 'columns', isOnce: false, columns });
  expect(await findSubmittedColumns(pool, job.jobId)).toEqual(columns);
});

test('lists are paged from the newest on, and a deleted job is in none', async () => {
  const made = [];
  for (let index = 0; index < 5; index += 1) made.push((await open({ owner: 'lists' })).jobId);
  await deleteJob(pool, { jobId: made[2] ?? '', owner: 'lists' });
  const first = await listJobs(pool, { owner: 'lists' }, { limit: 3 });
  const second = await listJobs(pool, { owner: 'lists' }, { limit: 3, after: first.next ?? 0 });
  expect([...first.jobs, ...second.jobs].map(({ jobId }) => jobId)).toEqual(
    made.filter((_, index) => index !== 2).reverse(),
  );
  expect(second.next).toBeUndefined();
});
