import { eventually, openTestRedis, type TestRedis } from '../../tests/harness.ts';
import { SILENT } from '../observability/log.ts';
import { providerKeys } from './keys.ts';
import { LOCK_MS, LookUpLocks } from './look-up-locks.ts';
import { openRedis, redisReady, type Redis } from './redis-client.ts';

let server: TestRedis;
let redis: Redis;
let locks: LookUpLocks;
let key: string;

beforeAll(async () => {
  server = await openTestRedis();
  redis = openRedis({ url: server.url, name: 'locks', log: SILENT });
  await redisReady(redis, 5_000);
  locks = new LookUpLocks({ redis, provider: 'spotify', prefix: server.prefix });
});

afterAll(async () => {
  redis.disconnect();
  await server.close();
});

let questions = 0;
function question(): string {
  const digest = `question-${questions++}`;
  key = providerKeys('spotify', server.prefix).lock(digest);
  return digest;
}

test('the lock of a look-up lasts as long as the look-up', async () => {
  const digest = question();
  locks.keep(digest, 'mine');
  await redis.set(key, 'mine', 'PX', LOCK_MS);
  await eventually(async () => {
    expect(await redis.pttl(key)).toBeLessThan(LOCK_MS - 200);
  });
  await eventually(async () => {
    expect(await redis.pttl(key)).toBeGreaterThan(LOCK_MS - 200);
  });
  expect(await locks.isHeld(digest)).toBe(true);
  locks.drop('mine');
  await eventually(async () => {
    expect(await locks.isHeld(digest)).toBe(false);
  });
});

test('a lock that went to another look-up is left to it', async () => {
  const digest = question();
  locks.keep(digest, 'mine');
  await redis.set(key, 'of another', 'PX', LOCK_MS);
  await eventually(async () => {
    expect(await locks.isHeld(digest)).toBe(false);
  });
  locks.drop('mine');
});

test('without Redis nobody is waited for', async () => {
  const away = openRedis({ url: 'redis://127.0.0.1:1', name: 'away', log: SILENT });
  const lost = new LookUpLocks({ redis: away, provider: 'spotify' });
  expect(await lost.isHeld(question())).toBe(false);
  away.disconnect();
});
