import { SILENT } from '../shared/observability/log.ts';
import { holdExporterLease } from '../shared/redis/exporter-lease.ts';
import { openRedis, type Redis, redisReady } from '../shared/redis/redis-client.ts';
import { eventually, openTestRedis, type TestRedis } from './harness.ts';

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await openTestRedis();
  redis = openRedis({ url: server.url, name: 'lease', log: SILENT });
  await redisReady(redis, 10_000);
});

afterAll(async () => {
  redis.disconnect();
  await server.close();
});

test('one process of all holds the lease, and another one gets it when that one is silent', async () => {
  const asked = ['a', 'b', 'a'].map((holder) => holdExporterLease(redis, holder, { ms: 300 }));
  expect(await Promise.all(asked)).toEqual([true, false, true]);
  await eventually(async () => {
    expect(await holdExporterLease(redis, 'b', { ms: 60_000 })).toBe(true);
  });
  expect(await holdExporterLease(redis, 'a', { ms: 300 })).toBe(false);
});
