/** BullMQ's way: one process, BENCH_CONCURRENCY jobs at a time, a GET and an upsert each. Installed in BENCH_MODULES. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { keyOf, rowOf, SAVE_ONE, type WarmTask } from './warm-row.ts';

interface BullMq {
  readonly Worker: new (
    queue: string,
    work: (job: { data: WarmTask }) => Promise<void>,
    options: object,
  ) => unknown;
}

const { env } = process;
const { Worker } = createRequire(join(env['BENCH_MODULES'] ?? '', 'package.json'))('bullmq') as BullMq;

const redis = new Redis(env['REDIS_URL'] ?? '');
const pool = new Pool({ connectionString: env['DATABASE_URL'], max: 10 });
const { hostname: host, port, password } = new URL(env['REDIS_URL'] ?? '');

new Worker(
  env['BENCH_QUEUE'] ?? '',
  async ({ data }) => {
    await pool.query(SAVE_ONE, [...rowOf(data, await redis.get(keyOf(data)))]);
  },
  {
    connection: {
      host,
      port: Number(port),
      password: decodeURIComponent(password),
      maxRetriesPerRequest: null,
    },
    concurrency: Number(env['BENCH_CONCURRENCY']),
    removeOnComplete: { count: 0 },
  },
);
