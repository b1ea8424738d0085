import { setMaxListeners } from 'node:events';
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
import { InFlightLimit } from './in-flight-limit.ts';
import { providerCall } from './provider-call.ts';

let server: TestRedis;
let redis: Redis;
let http: Server;
const arrivals: number[] = [];
const underWay = { now: 0, most: 0 };

beforeAll(async () => {
  server = await openTestRedis();
  redis = openRedis({ url: server.url, name: 'call-test', log: SILENT });
  await redisReady(redis, 5_000);
  http = createServer((request, response) => {
    arrivals.push(performance.now());
    underWay.now++;
    underWay.most = Math.max(underWay.most, underWay.now);
    const latencyMs = Number(new URL(request.url ?? '', 'http://server').searchParams.get('latency') ?? 0);
    setTimeout(() => {
      underWay.now--;
      response.setHeader('content-type', 'application/json').end('{}');
    }, latencyMs);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await new Promise((resolve) => http.close(resolve));
  redis.disconnect();
  await server.close();
});

async function setUp(log: Log = SILENT, inFlight = new InFlightLimit(20, 50)) {
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
    get maxInFlight() {
      return inFlight.current;
    },
    memory: NO_MEMORY,
    log,
  });
  const responses = new ResponseCache({ redis, prefix, ttlSeconds: 60 });
  const metrics = openMetrics({ version: '1', service: 'tests' });
  return { gate, deps: { opened, gate, inFlight, responses, metrics, cutOff: new AbortController().signal } };
}

test('requests under way follow what answers take, up to the bound, while the work goes on', async () => {
  const inFlight = new InFlightLimit(12, 50);
  const { gate, deps } = await setUp(SILENT, inFlight);
  const { port } = http.address() as AddressInfo;
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  setMaxListeners(0, deps.cutOff);
  // All of it waits from the beginning, as deliveries do under a fixed prefetch.
  const ask = async (latencyMs: number, count: number): Promise<{ most: number; seconds: number }> => {
    const began = performance.now();
    underWay.most = 0;
    const all = Array.from({ length: count }, (_, at) => {
      const key = `${latencyMs} ms, request ${at}`;
      const slot = { lane: 'priority', priority: 5, digest: key, token: key, notBefore: 0, signal } as const;
      return providerCall(
        deps,
        slot,
        () => undefined,
      )({
        key,
        url: new URL(`http://127.0.0.1:${port}/?latency=${latencyMs}`),
        schema: z.object({}),
        empty: {},
        classify: () => 'ok',
      });
    });
    await Promise.all(all);
    return { most: underWay.most, seconds: (performance.now() - began) / 1_000 };
  };
  const fast = await ask(20, 20);
  expect(fast.most).toBeLessThanOrEqual(4);
  const slow = await ask(400, 60);
  // 20/s times 0.4 s are 8 at a time; the limit of before would have let 4 through, 10/s.
  expect(slow.most).toBeGreaterThanOrEqual(7);
  expect(slow.seconds).toBeLessThan(5.5);
  const slower = await ask(1_000, 30);
  expect(slower.most).toBe(12);
  await ask(20, 60);
  expect(inFlight.current).toBeLessThanOrEqual(4);
  await gate.close();
});

test('requests that waited for a token together start one after the other', async () => {
  const { gate, deps } = await setUp();
  const { port } = http.address() as AddressInfo;
  arrivals.length = 0;
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
