/** What one process exports about the whole system, against real servers and without a worker. */
import { Pool } from 'pg';
import { configuredProviders } from '../shared/controls/configured-providers.ts';
import { SystemGauges } from '../shared/controls/system-gauges.ts';
import { SILENT } from '../shared/observability/log.ts';
import { type Metrics, openMetrics } from '../shared/observability/metrics.ts';
import { Connection } from '../shared/rabbitmq/connection.ts';
import { writeBeat } from '../shared/redis/heartbeats.ts';
import { openRedis, type Redis, redisReady } from '../shared/redis/redis-client.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';

let system: TestPipeline;
let connection: Connection;
let redis: Redis;
let pool: Pool;
let metrics: Metrics;
let gauges: SystemGauges;

beforeAll(async () => {
  system = await openTestPipeline();
  const { RABBITMQ_URL = '', REDIS_URL = '', DATABASE_URL = '' } = system.env;
  connection = new Connection({ url: RABBITMQ_URL, name: 'gauges', log: SILENT }).start();
  redis = openRedis({ url: REDIS_URL, name: 'gauges', log: SILENT });
  await redisReady(redis, 10_000);
  pool = new Pool({ connectionString: DATABASE_URL, max: 1 });
  metrics = openMetrics({ version: '1', service: 'tests' });
  const configured = await configuredProviders(system.env, system.env['PROVIDER_SANDBOX_URL'] ?? '');
  gauges = new SystemGauges({ pool, redis, connection, metrics, configured });
});

afterAll(async () => {
  await connection.close();
  redis.disconnect();
  await pool.end();
  await system.close();
});

const exported = async (start: string): Promise<string[]> =>
  (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(start));

test('what waits is told by pipeline, lane and stage: in the broker, and in the hands of workers', async () => {
  await system.send('metadata_enrichment_queue', {}, {}, {});
  await system.send('enrichment_tmdb_backlog', {}, {});
  const beat = { process: 'w1', at: Date.now(), providers: {} };
  await writeBeat(redis, {
    ...beat,
    queues: { enrichment_tmdb_backlog: { held: 5, oldestAt: beat.at - 100_000 } },
  });
  await gauges.look();
  const waiting = await exported('enrichment_waiting_tasks');
  expect(waiting).toContain('enrichment_waiting_tasks{pipeline="tracks",lane="priority",stage="entry"} 3');
  expect(waiting).toContain('enrichment_waiting_tasks{pipeline="movies",lane="backlog",stage="tmdb"} 7');
  expect(waiting).toContain('enrichment_waiting_tasks{pipeline="any",lane="any",stage="retry"} 0');
});

test('the oldest task is as old as its publisher says', async () => {
  const [line = ''] = await exported('enrichment_oldest_task_age_seconds{pipeline="movies",lane="backlog"}');
  const age = Number(line.split(' ').at(-1));
  expect(age).toBeGreaterThanOrEqual(100);
  expect(age).toBeLessThan(160);
});

test('each provider is in one condition, and says what it may be asked', async () => {
  const spotify = (await exported('enrichment_provider_state{provider="spotify"')).filter((line) =>
    line.endsWith(' 1'),
  );
  expect(spotify).toEqual(['enrichment_provider_state{provider="spotify",state="no_worker"} 1']);
  const [limit = ''] = await exported('enrichment_provider_rate_limit_limit{provider="spotify"}');
  expect(Number(limit.split(' ').at(-1))).toBeGreaterThan(0);
});

test('jobs and webhooks are told of, a 0 where there is none', async () => {
  expect(await exported('enrichment_jobs{status="running"}')).toEqual([
    'enrichment_jobs{status="running"} 0',
  ]);
  expect(await exported('enrichment_outbox_pending{pipeline="tracks"}')).toEqual([
    'enrichment_outbox_pending{pipeline="tracks"} 0',
  ]);
  expect(await exported('enrichment_webhooks_waiting{state="due"}')).toEqual([
    'enrichment_webhooks_waiting{state="due"} 0',
  ]);
});

test('a process that does not export any more leaves no number behind', async () => {
  gauges.forget();
  expect(await exported('enrichment_waiting_tasks{')).toEqual([]);
  expect(await exported('enrichment_provider_state{')).toEqual([]);
  expect(await exported('enrichment_jobs{')).toEqual([]);
  expect(await exported('enrichment_outbox')).toEqual([]);
  expect(await exported('enrichment_oldest_task_age_seconds{')).toEqual([]);
});
