import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { openTestRedis, type TestRedis } from '../../tests/harness.ts';
import { type Log, SILENT } from '../observability/log.ts';
import { openMetrics } from '../observability/metrics.ts';
import { fetchApi } from '../providers/fetch-json.ts';
import { openProvider } from '../providers/open-provider.ts';
import type { ApiRequest } from '../providers/provider.ts';
import { loadProvider } from '../providers/registry.ts';
import { NO_MEMORY } from '../redis/gate-slot.ts';
import { ProviderGate } from '../redis/provider-gate.ts';
import { openRedis, redisReady, type Redis } from '../redis/redis-client.ts';
import { ResponseCache } from '../redis/response-cache.ts';
import { RedisTokenStore } from '../redis/token-store.ts';
import { ProviderError } from '../task/provider-error.ts';
import { providerCall } from './provider-call.ts';

let server: TestRedis;
let redis: Redis;
let http: Server;
const arrivals: number[] = [];

beforeAll(async () => {
  server = await openTestRedis();
  redis = openRedis({ url: server.url, name: 'call-test', log: SILENT });
  await redisReady(redis, 5_000);
  http = createServer((_, response) => {
    arrivals.push(performance.now());
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await new Promise((resolve) => http.close(resolve));
  redis.disconnect();
  await server.close();
});

async function setUp(log: Log = SILENT) {
  const { prefix } = server;
  const opened = openProvider(
    await loadProvider('spotify'),
    { SPOTIFY_CLIENT_ID: 'made-up', SPOTIFY_CLIENT_SECRET: 'made-up' },
    {
      tools: ({ timeoutMs }) => ({
        userAgent: 'tests',
        tokens: new RedisTokenStore({ redis, provider: 'spotify', processId: 'a', prefix }),
        fetch: (url, init, signal) => fetchApi(url, { ...init, timeoutMs, provider: 'spotify' }, signal),
      }),
    },
  );
  const gate = new ProviderGate({
    provider: 'spotify',
    redis,
    prefix,
    processId: 'a',
    rate: { count: 20, windowMs: 1_000 },
    dailyBudget: 0,
    leaseMs: 5_000,
    maxInFlight: 20,
    memory: NO_MEMORY,
    log,
  });
  const responses = new ResponseCache({ redis, prefix, ttlSeconds: 60 });
  const metrics = openMetrics({ version: '1', service: 'tests' });
  return { gate, deps: { opened, gate, responses, metrics, cutOff: new AbortController().signal } };
}

test('requests that waited for a token together start one after the other', async () => {
  const { gate, deps } = await setUp();
  const { port } = http.address() as AddressInfo;
  let token: Promise<void> | undefined;
  const requestFor = (key: string): ApiRequest<object> => ({
    key,
    url: new URL(`http://127.0.0.1:${port}/`),
    schema: z.object({}),
    empty: {},
    classify: () => 'ok',
    authorize: async () => {
      await (token ??= delay(400));
      return {};
    },
  });
  const keys = Array.from({ length: 8 }, (_, at) => `request ${at}`);
  const signal = new AbortController().signal;
  const lookUps = keys.map((key) => {
    const slot = { lane: 'priority', priority: 5, digest: key, token: key, notBefore: 0, signal } as const;
    return providerCall(deps, slot, () => undefined)(requestFor(key));
  });
  await Promise.all(lookUps);
  await gate.close();
  expect(arrivals).toHaveLength(8);
  // Eight starts at 20/s lie seven spacings of 50 ms apart; together they would arrive within 50.
  expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(250);
});

test('a refused key is said in the log, since every task then waits in silence', async () => {
  const warnings: unknown[] = [];
  const { gate, deps } = await setUp({ ...SILENT, warn: (...line) => warnings.push(line) });
  const slot = {
    lane: 'priority',
    priority: 5,
    digest: 'refused',
    token: 'a',
    notBefore: 0,
    signal: new AbortController().signal,
  } as const;
  const request: ApiRequest<object> = {
    key: 'refused',
    url: new URL('http://127.0.0.1:1/'),
    schema: z.object({}),
    empty: {},
    classify: () => 'ok',
    authorize: () => Promise.reject(new ProviderError('spotify', 'auth', 'refused')),
  };
  await expect(providerCall(deps, slot, () => undefined)(request)).rejects.toThrow('refused');
  await gate.close();
  expect(warnings).toEqual([
    ['provider is paused', { provider: 'spotify', reason: 'credentials refused', forMs: 60_000 }],
  ]);
});
