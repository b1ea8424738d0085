/** The demo itself, from its command line to its document, on the tests' servers. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { currentEnvironment } from '../../shared/runtime/environment.ts';
import { openTestDatabase, openTestRedis, openTestVhost } from '../../tests/harness.ts';

const ROWS = 30;
const root = join(import.meta.dirname, '..', '..');
const servers = await Promise.all([openTestVhost(), openTestDatabase(), openTestRedis()]);
const [vhost, database, redis] = servers;
const stack = `demo-test-${process.pid}`;

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function demo(...args: string[]): Promise<Run> {
  const child = spawn(
    process.execPath,
    ['infra/bootstrap.js', 'infra/demo/main.ts', '--name', stack, ...args],
    {
      cwd: root,
      env: {
        ...currentEnvironment(),
        NODE_OPTIONS: '',
        ENRICHMENT_STACK: 'external',
        RABBITMQ_URL: vhost.url,
        RABBITMQ_MANAGEMENT_URL: vhost.managementUrl,
        DATABASE_URL: database.url,
        REDIS_URL: redis.url,
        // Must not be used: nobody asked for real services.
        TMDB_TOKEN: 'a-token-of-somebody',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, ...output });
    });
  });
}

afterAll(async () => {
  await demo('--stop');
  await Promise.all(servers.map((server) => server.close()));
  rmSync(join(root, '.stack', stack), { recursive: true, force: true });
}, 60_000);

const documentOf = ({ stdout }: Run) =>
  JSON.parse(stdout) as {
    published: number;
    settled: Record<string, number>;
    waiting: number;
    wrong_matches: number;
    limit_violations: number;
    requests: Record<string, number>;
    cache_hits: Record<string, number>;
  };

const total = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((sum, one) => sum + one, 0);

test('a first run settles what it published; a second one on the kept system asks nobody', async () => {
  const first = await demo('--json', '--keep', '--limit', String(ROWS));
  expect({ code: first.code, stderr: first.stderr }).toMatchObject({ code: 0 });
  const cold = documentOf(first);
  expect(cold).toMatchObject({ published: 2 * ROWS, waiting: 0, wrong_matches: 0, limit_violations: 0 });
  expect(total(cold.settled)).toBe(2 * ROWS);
  expect(cold.settled['enriched']).toBeGreaterThan(1.5 * ROWS);
  expect(total(cold.requests)).toBeGreaterThan(2 * ROWS);

  const second = await demo('--json', '--keep', '--limit', String(ROWS));
  const warm = documentOf(second);
  expect(second.stderr).toContain('Using the servers and workers that an earlier demo kept');
  expect(warm.settled).toEqual(cold.settled);
  expect(total(warm.requests)).toBe(0);
  expect(total(warm.cache_hits)).toBeGreaterThanOrEqual(2 * ROWS);
}, 180_000);
