import { eventually, openTestRedis, type TestRedis } from '../../tests/harness.ts';
import { SILENT } from '../observability/log.ts';
import { AnswerCache } from './answer-cache.ts';
import { providerKeys } from './keys.ts';
import { openRedis, redisReady, type Redis } from './redis-client.ts';

let server: TestRedis;
let redis: Redis;
let cache: AnswerCache;

beforeAll(async () => {
  server = await openTestRedis();
  redis = openRedis({ url: server.url, name: 'answers', log: SILENT });
  await redisReady(redis, 5_000);
  cache = new AnswerCache({ redis, prefix: server.prefix });
});

afterAll(async () => {
  redis.disconnect();
  await server.close();
});

test.each(['', 'garbage', '9999999999999 {', '1700000000000 {"provider":7}'])(
  "what cannot be read ('%s') is no answer, and makes room for one",
  async (text) => {
    const address = { provider: 'spotify', digest: 'damaged' };
    const key = providerKeys(address.provider, server.prefix).answer(address.digest);
    await redis.set(key, text);
    await expect(cache.get(address)).resolves.toBeUndefined();
    await eventually(async () => {
      expect(await redis.exists(key)).toBe(0);
    });
  },
);
