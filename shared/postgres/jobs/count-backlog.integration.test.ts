import { acceptedJob } from '../../../tests/accepted-job.ts';
import { openTestDatabase, type TestDatabase } from '../../../tests/harness.ts';
import { openPool, type Pool } from '../pool.ts';
import { insertEndpoint } from '../webhooks/endpoints.ts';
import { countJobs, countOutbox, countWaitingWebhooks } from './count-backlog.ts';
import { claimTasks } from './outbox.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await openTestDatabase();
  pool = openPool({ url: database.url, max: 2, applicationName: 'test' });
});

afterEach(async () => {
  await pool.query('truncate webhook_endpoints, webhook_deliveries, background_jobs, job_tasks, job_outbox');
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

/** Of so many tasks, accepted so many seconds ago. */
async function job(count: number, secondsAgo = 0): Promise<string> {
  const jobId = await acceptedJob(pool, count);
  await pool.query(
    'update background_jobs set created_at = now() - make_interval(secs => $2) where job_id = $1',
    [jobId, secondsAgo],
  );
  return jobId;
}

test('jobs that have not ended count whatever their age, ended ones for a day', async () => {
  await job(1, 200_000);
  await job(0);
  await job(0, 100_000);
  expect(Object.fromEntries(await countJobs(pool))).toEqual({ queued: 1, failed: 1 });
});

test('a job of which nothing is in the broker stands still until something is', async () => {
  const jobId = await job(3, 90);
  expect((await countOutbox(pool)).get('tracks')).toMatchObject({ pending: 3 });
  expect((await countOutbox(pool)).get('tracks')?.oldestSeconds).toBeGreaterThanOrEqual(90);
  await claimTasks(pool, jobId, 1);
  expect((await countOutbox(pool)).get('tracks')).toEqual({ pending: 2, oldestSeconds: 0 });
});

test('webhooks are due or wait for their next try, and those of a disabled endpoint do not count', async () => {
  const endpoint = { owner: 'ann', url: 'https://a.example', description: '', events: [] };
  const made = await insertEndpoint(pool, { ...endpoint, secret: 'x', createdBy: 'test' }, 5);
  const add = (inSeconds: number): Promise<unknown> =>
    pool.query(
      `insert into webhook_deliveries (owner, endpoint_id, target, type, payload, next_at)
       values ('ann', $1, 'a', 'job.failed', '{}', now() + make_interval(secs => $2))`,
      [made?.endpointId, inSeconds],
    );
  await add(-100);
  await add(300);
  const { oldestSeconds, ...counts } = await countWaitingWebhooks(pool);
  expect(counts).toEqual({ due: 1, later: 1 });
  expect(oldestSeconds).toBeGreaterThanOrEqual(100);
  await pool.query('update webhook_endpoints set is_enabled = false');
  expect(await countWaitingWebhooks(pool)).toEqual({ due: 0, later: 0, oldestSeconds: 0 });
});
