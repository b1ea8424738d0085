/** What doctor and status say of real servers: healthy ones, and each trouble made on purpose. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findPrograms } from '../infra/local-stack/installed-programs.ts';
import { freePorts } from '../infra/local-stack/ports.ts';
import type { Finding } from '../services/cli/doctor/finding.ts';
import type { Environment } from '../shared/runtime/environment.ts';
import { runEnrich } from './enrich-command.ts';
import { eventually } from './harness.ts';
import { manage } from './management-api.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';
import { testServers } from './test-servers.ts';

let pipeline: TestPipeline;
let env: Environment;

beforeEach(async () => {
  pipeline = await openTestPipeline();
  const { RABBITMQ_MANAGEMENT_URL } = testServers();
  env = { ...pipeline.env, RABBITMQ_MANAGEMENT_URL };
});

afterEach(async () => {
  await pipeline.close();
});

interface Examined {
  readonly code: number | null;
  readonly findings: readonly Finding[];
}

async function doctor(more: Environment = {}): Promise<Examined> {
  const { code, stdout } = await runEnrich(['doctor', '--json'], { ...env, ...more });
  return { code, ...(JSON.parse(stdout) as Pick<Examined, 'findings'>) };
}

const found = ({ findings }: Examined, check: string): Finding | undefined =>
  findings.find((one) => one.check === check);

const troubles = ({ findings }: Examined): readonly string[] =>
  findings.filter(({ severity }) => severity === 'error' || severity === 'away').map(({ check }) => check);

test('of servers that are as they should be nothing is worse than a warning', async () => {
  await pipeline.openWorker();
  // The worker's first beat, and what the management API counts every few seconds.
  const examined = await eventually(
    async () => {
      const now = await doctor();
      expect(found(now, 'workers.alive')).toMatchObject({ severity: 'ok' });
      return now;
    },
    { timeoutMs: 20_000 },
  );
  expect(troubles(examined)).toEqual([]);
  expect(examined.code).toBe(0);
  expect(found(examined, 'topology.complete')?.what).toContain('as they should be');
  expect(found(examined, 'postgres.migrations')).toMatchObject({ severity: 'ok' });
}, 60_000);

test('queues that are missing, or are something else, are named with what to do', async () => {
  await pipeline.channel.deleteQueue('movie_enrichment_dlq');
  await pipeline.channel.deleteQueue('enrichment_tmdb_queue');
  await pipeline.channel.assertQueue('enrichment_tmdb_queue', { arguments: { 'x-max-priority': 4 } });
  const examined = await eventually(
    async () => {
      const now = await doctor();
      expect(found(now, 'topology.arguments')).toBeDefined();
      return now;
    },
    { timeoutMs: 20_000 },
  );
  expect(examined.code).toBe(1);
  expect(found(examined, 'topology.missing')).toMatchObject({
    what: 'not there: queue movie_enrichment_dlq',
    fix: expect.stringContaining('queue-init') as string,
  });
  expect(found(examined, 'topology.arguments')?.what).toContain('x-max-priority: is 4, should be 10');
}, 60_000);

test('a binding that somebody took away is missed, and a policy by which tasks are lost is told', async () => {
  await pipeline.channel.unbindQueue('metadata_enrichment_dlq', 'enrichment', 'metadata_enrichment_dlq');
  const { RABBITMQ_URL = '', RABBITMQ_MANAGEMENT_URL = '' } = env;
  const path = `/api/policies${new URL(RABBITMQ_URL).pathname}/short`;
  const body = {
    pattern: '^metadata_enrichment_dlq$',
    definition: { 'max-length': 5 },
    'apply-to': 'queues',
  };
  await manage(RABBITMQ_MANAGEMENT_URL, { method: 'PUT', path, body });
  await eventually(
    async () => {
      const examined = await doctor();
      expect(found(examined, 'topology.bindings')?.what).toBe(
        'not bound: enrichment -> metadata_enrichment_dlq (metadata_enrichment_dlq)',
      );
      expect(found(examined, 'topology.policy')?.what).toContain('max-length');
    },
    { timeoutMs: 20_000 },
  );
}, 60_000);

test('a migration that is missing, one with another text and one from elsewhere are three findings', async () => {
  await pipeline.db.query("delete from schema_migrations where name = '013_schedules'");
  await pipeline.db.query("update schema_migrations set checksum = 'x' where name = '002_tracks'");
  await pipeline.db.query("insert into schema_migrations (name, checksum) values ('900_later', 'y')");
  const examined = await doctor();
  expect(examined.code).toBe(1);
  const migrations = examined.findings.filter(({ check }) => check === 'postgres.migrations');
  expect(migrations.map(({ what }) => what)).toEqual([
    'not applied: 013_schedules',
    'applied with another text: 002_tracks',
    'of a newer release: 900_later',
  ]);
}, 60_000);

test('a table without rights is named', async () => {
  await pipeline.db.query('revoke delete on movies from current_user');
  const permissions = found(await doctor(), 'postgres.permissions');
  expect(permissions).toMatchObject({ severity: 'error' });
  expect(permissions?.what).toMatch(/may not read and write rows of movies$/);
}, 60_000);

test('a Redis that evicts gates is an error, one that is away is told with its address', async () => {
  const [port = 0] = await freePorts([undefined]);
  const url = `redis://127.0.0.1:${port}/0`;
  const away = await doctor({ REDIS_URL: url });
  expect(away.code).toBe(75);
  expect(found(away, 'redis.reached')?.what).toContain(
    `Redis at 127.0.0.1:${port}/0 cannot be used: connect`,
  );
  expect(found(away, 'postgres.reached')).toMatchObject({ severity: 'ok' });

  const settings = ['--port', `${port}`, '--save', '', '--maxmemory-policy', 'allkeys-lru'];
  const server = spawn(findPrograms().programs.redisServer, settings, { stdio: 'ignore' });
  const ended = once(server, 'exit');
  try {
    const examined = await eventually(async () => {
      const now = await doctor({ REDIS_URL: url });
      expect(now.code).toBe(1);
      return now;
    });
    expect(found(examined, 'redis.eviction')?.what).toContain('allkeys-lru');
    expect(found(examined, 'redis.max_memory')).toMatchObject({ severity: 'notice' });
  } finally {
    server.kill();
    await ended;
  }
}, 60_000);

test('a status tells of dead letters, of what waits and of who works', async () => {
  const before = await runEnrich(['status', '--once'], env);
  expect(before).toMatchObject({ code: 0, stderr: '' });
  expect(before.stdout).toContain('No worker is alive.');
  await pipeline.openWorker();
  await pipeline.send('metadata_enrichment_queue', Buffer.from('no json'));
  await pipeline.send('metadata_enrichment_backlog', { track_id: 's', artist: 'Deadmau5', title: 'Strobe' });
  const status = await eventually(
    async () => {
      const { stdout } = await runEnrich(['status', '--json'], env);
      const document = JSON.parse(stdout) as {
        lanes: { lane: string; per_second: number; workers: number }[];
        workers: { version: string }[];
      };
      expect(document.lanes.find(({ lane }) => lane === 'backlog')?.per_second).toBeGreaterThan(0);
      return document;
    },
    { timeoutMs: 20_000 },
  );
  expect(status.workers).toHaveLength(1);
  expect(status.workers[0]?.version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(status.lanes.map(({ workers }) => workers)).toEqual([1, 1]);
}, 60_000);
