/**
 * Jobs whose receiver, relay or broker fails in the middle. All rows ask for one recording under ids of their own: after the
 * first look-up the cache answers, so ten thousand tasks take seconds.
 */
import { createKey } from '../shared/access/keys.ts';
import { reconcile } from '../shared/jobs/reconcile.ts';
import { SILENT } from '../shared/observability/log.ts';
import { pipelines } from '../shared/pipelines/registry.ts';
import { findJob } from '../shared/postgres/jobs/find-jobs.ts';
import { hasEnded, type Job } from '../shared/postgres/jobs/job.ts';
import { openPool, type Pool } from '../shared/postgres/pool.ts';
import { listProviders } from '../shared/providers/registry.ts';
import { Connection } from '../shared/rabbitmq/connection.ts';
import { declareTopology } from '../shared/rabbitmq/declare.ts';
import { topologyOf } from '../shared/rabbitmq/topology.ts';
import { openRedis, redisReady } from '../shared/redis/redis-client.ts';
import { TcpProxy } from './faults/tcp-proxy.ts';
import { eventually } from './harness.ts';
import { type JobProcess, startProcess } from './job-process.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';

const LONG = { timeoutMs: 60_000 };
const OWNER = 'shop';

let pipeline: TestPipeline;
let pool: Pool;
let key: string;
const stops: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  pipeline = await openTestPipeline();
  pool = openPool({ url: pipeline.env['DATABASE_URL'] ?? '', max: 3, applicationName: 'test' });
  key = (await createKey({ pool, actor: 'test' }, { name: 'test', owner: OWNER, scope: 'operator' })).text;
});

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await pool.end();
  await pipeline.close();
});

async function start(service: 'api' | 'scheduler', env: Record<string, string> = {}): Promise<JobProcess> {
  const started = await startProcess(service, { ...pipeline.env, ...env });
  stops.push(() => started.kill());
  return started;
}

async function startWorker(env: Record<string, string> = {}): Promise<void> {
  const worker = await pipeline.openWorker(env);
  stops.push(() => worker.stop());
}

const HEAD = 'track_id,artist,title\n';
const row = (at: number): string => `row-${at},Deadmau5,Strobe\n`;
const rows = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => row(from + at)).join('');

interface Upload {
  readonly csv: string;
  /** Sent until here at first; the rest once `onHeld` is through. */
  readonly heldAt?: number;
  readonly onHeld?: () => Promise<void>;
}

function upload({ url }: JobProcess, { csv, heldAt = csv.length, onHeld }: Upload): Promise<Response> {
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(Buffer.from(csv.slice(0, heldAt)));
      await onHeld?.();
      controller.enqueue(Buffer.from(csv.slice(heldAt)));
      controller.close();
    },
  });
  const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
  const authorization = `Bearer ${key}`;
  const headers = { authorization, 'content-type': 'text/csv', 'idempotency-key': '"once"' };
  return fetch(`${url}/v1/jobs`, { ...init, headers });
}

interface JobRow {
  readonly job_id: string;
  readonly status: string;
  readonly total: number;
  readonly fed: number;
}

async function jobRows(): Promise<readonly JobRow[]> {
  const { rows: found } = await pool.query<JobRow>(
    `select job_id, status, total_items::int as total, fed_items::int as fed from background_jobs`,
  );
  return found;
}

const until = (holds: (job: JobRow | undefined) => boolean): Promise<void> =>
  eventually(async () => {
    const [job] = await jobRows();
    expect({ job, holds: holds(job) }).toMatchObject({ holds: true });
  }, LONG);

/** Nobody waits for claims of the dead here: their time is over. */
const letLapse = (): Promise<unknown> =>
  Promise.all([
    pool.query(
      `update background_jobs set receiving_until = now() - interval '1 s' where status = 'receiving'`,
    ),
    pool.query(`update job_outbox set claimed_until = now() where claimed_until is not null`),
  ]);

async function endOf(jobId: string): Promise<Job> {
  return eventually(async () => {
    const job = await findJob(pool, jobId, OWNER);
    expect(job !== undefined && hasEnded(job.status)).toBe(true);
    return job!;
  }, LONG);
}

async function expectAllEnriched(job: Job, total: number): Promise<void> {
  expect(job).toMatchObject({
    status: 'completed',
    counts: { total, processed: total, enriched: total, failed: 0, fed: 0, unfed: 0, duplicates: 0 },
  });
  const { rows: recount } = await pool.query<{ status: string; tasks: number }>(
    'select status, count(*)::int as tasks from job_tasks where job_id = $1 group by 1',
    [job.jobId],
  );
  expect(recount).toEqual([{ status: 'enriched', tasks: total }]);
  const { rows: found } = await pool.query('select count(*)::int as tracks from tracks where owner = $1', [
    OWNER,
  ]);
  expect(found).toEqual([{ tracks: total }]);
}

const ROWS = 10_000;
/** Rows that are sent before the API is killed: before the first batch, between batches, before the last row. */
const KILLED_AT = [0, 1_500, 5_500, ROWS - 1] as const;

test('an API that is killed at five points of an upload, and a relay that is killed too, leave one job with exact counts', async () => {
  const csv = HEAD + rows(0, ROWS);
  for (const sent of KILLED_AT) {
    const api = await start('api');
    const batches = Math.floor(sent / 1_000) * 1_000;
    const broken = upload(api, {
      csv,
      heldAt: (HEAD + rows(0, sent)).length,
      onHeld: async () => {
        await until((job) => job?.status === 'receiving' && job.total >= batches);
        await api.kill();
      },
    });
    await expect(broken).rejects.toThrow();
    await letLapse();
  }
  const last = await start('api');
  // The fifth: all is committed, and nobody was told.
  const unanswered = upload(last, { csv }).catch(() => undefined);
  await until((job) => job?.status === 'queued');
  await last.kill();
  await unanswered;

  const relay = await start('scheduler');
  await until((job) => (job?.fed ?? 0) >= 500);
  await relay.kill();
  await letLapse();
  const api = await start('api');
  const answer = await upload(api, { csv });
  expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
  const { id } = (await answer.json()) as { id: string };
  expect((await jobRows()).map(({ job_id: jobId }) => jobId)).toEqual([id]);
  await startWorker();
  await start('scheduler');
  await expectAllEnriched(await endOf(id), ROWS);
}, 180_000);

test('a job is accepted while RabbitMQ is away, and enriched once it is back', async () => {
  const broker = new URL(pipeline.env['RABBITMQ_URL'] ?? '');
  const proxy = await TcpProxy.open({ host: broker.hostname, port: Number(broker.port) });
  stops.push(() => proxy.close());
  proxy.set({ refuse: true });
  broker.port = String(proxy.port);
  const away = { RABBITMQ_URL: broker.href };
  const api = await start('api', away);
  const answer = await upload(api, { csv: HEAD + rows(0, 500) });
  expect(answer.status).toBe(202);
  const { id } = (await answer.json()) as { id: string };
  proxy.set({});
  await startWorker();
  await start('scheduler', away);
  await expectAllEnriched(await endOf(id), 500);
}, 120_000);

async function declareAgain(connection: Connection): Promise<void> {
  const prefixes = pipelines.map(({ prefix }) => prefix);
  const topology = topologyOf({ prefixes, providers: listProviders(), queueType: 'classic' });
  const model = await connection.ready(new AbortController().signal);
  await declareTopology(model, topology, async () => undefined);
}

test('a job whose queue is purged, and then deleted, completes with exact counts, and no task is fed more often than it was lost', async () => {
  const entry = 'metadata_enrichment_queue';
  const api = await start('api');
  await start('scheduler');
  const answer = await upload(api, { csv: HEAD + rows(0, 600) });
  const { id } = (await answer.json()) as { id: string };
  const { env } = pipeline;
  const connection = new Connection({
    url: env['RABBITMQ_URL'] ?? '',
    name: 'test#look',
    log: SILENT,
  }).start();
  stops.push(() => connection.close());
  const redis = openRedis({ url: env['REDIS_URL'] ?? '', name: 'test', log: SILENT });
  stops.push(async () => {
    redis.disconnect();
  });
  await redisReady(redis, 2_000);
  const look = () =>
    reconcile({ pool, connection, redis, settleMs: 100, signal: new AbortController().signal });
  const allFed = (): Promise<void> =>
    eventually(async () => {
      expect(await pipeline.depth(entry)).toBe(600);
    }, LONG);

  await allFed();
  await pipeline.channel.purgeQueue(entry);
  expect((await look()).fedAgain).toEqual({ tracks: 600 });
  await allFed();
  await pipeline.channel.deleteQueue(entry);
  await declareAgain(connection);
  expect((await look()).fedAgain).toEqual({ tracks: 600 });
  await allFed();
  expect((await look()).fedAgain).toEqual({});

  await startWorker();
  await expectAllEnriched(await endOf(id), 600);
  const { requests } = await pipeline.figures('spotify');
  expect(requests).toBeLessThan(20);
}, 120_000);
