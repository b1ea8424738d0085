import { setTimeout as delay } from 'node:timers/promises';
import { eventually, openTestRedis, type TestRedis } from '../../tests/harness.ts';
import { SILENT } from '../observability/log.ts';
import type { Lane } from '../task/task.ts';
import { listenToGates } from './gate-changes.ts';
import type { GateOptions } from './gate-options.ts';
import { writeOrders } from './gate-orders.ts';
import type { ClaimReply } from './gate-script.ts';
import {
  GateClosed,
  NO_MEMORY,
  type RememberedGate,
  type SlotRequest,
  type Start,
  UNTIL_RESUMED,
} from './gate-slot.ts';
import { gateChannel, providerKeys } from './keys.ts';
import { ProviderGate } from './provider-gate.ts';
import { openRedis, redisReady, type Redis } from './redis-client.ts';

let server: TestRedis;
let redis: Redis;
const gates: ProviderGate[] = [];
let providers = 0;

beforeAll(async () => {
  server = await openTestRedis();
  redis = openRedis({ url: server.url, name: 'gate-test', log: SILENT });
  await redisReady(redis, 5_000);
});

afterEach(async () => {
  await Promise.all(gates.splice(0).map((gate) => gate.close()));
});

afterAll(async () => {
  redis.disconnect();
  await server.close();
});

/** A provider of its own, as several processes see it. */
function setUp(options: Partial<GateOptions> = {}) {
  const provider = `p${providers++}`;
  const starts: { process: string; lane: Lane; at: number }[] = [];
  const granted: Start[] = [];
  const openGate = (processId: string, more: Partial<GateOptions> = {}): ProviderGate => {
    const gate = new ProviderGate({
      provider,
      redis,
      prefix: server.prefix,
      processId,
      rate: { count: 20, windowMs: 1_000 },
      dailyBudget: 0,
      leaseMs: 5_000,
      maxInFlight: 100,
      memory: NO_MEMORY,
      log: SILENT,
      ...options,
      ...more,
    });
    gates.push(gate);
    return gate;
  };
  const start = async (gate: ProviderGate, process: string, request: Partial<SlotRequest> = {}) => {
    const asked = slotRequest(request);
    const slot = await gate.slot(asked);
    if (slot === 'answer' || slot === 'busy') return slot;
    starts.push({ process, lane: asked.lane, at: performance.now() });
    granted.push(slot);
    return 'go';
  };
  return { provider, keys: providerKeys(provider, server.prefix), openGate, start, starts, granted };
}

const OPEN = { heldUntil: 0, heldReason: '', rate: '' };

let requests = 0;
const slotRequest = (request: Partial<SlotRequest> = {}): SlotRequest => ({
  lane: 'priority',
  priority: 5,
  digest: `digest-${requests++}`,
  token: `token-${requests}`,
  notBefore: 0,
  signal: new AbortController().signal,
  ...request,
});

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));

/** The connection, with what is called before each script and with its reply. */
const observed = (before: () => unknown, after: (reply: unknown) => unknown): Redis =>
  new Proxy(redis, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== 'evalsha') return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      return async (...args: Parameters<Redis['evalsha']>) => {
        before();
        const reply = await redis.evalsha(...args);
        after(reply);
        return reply;
      };
    },
  });

test('processes together keep the spacing of the rate, and lose none of it', async () => {
  const { openGate, start, starts } = setUp();
  const processes = ['a', 'b', 'c'];
  await Promise.all(
    processes.flatMap((name) => {
      const gate = openGate(name);
      return times(6, () => start(gate, name));
    }),
  );
  const gaps = starts.slice(1).map(({ at }, index) => at - (starts[index]?.at ?? 0));
  // 50.5 ms on the grid. A busy machine hears of a start late, and then of the next one soon: the middle one tells.
  expect(gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)]).toBeGreaterThan(35);
  const took = (starts.at(-1)?.at ?? 0) - (starts[0]?.at ?? 0);
  // What a late start lost is caught up with, at 0.94 of the spacing.
  expect(took).toBeGreaterThanOrEqual(17 * 50 * 0.88 - 10);
  expect(took).toBeLessThan(17 * 50.5 * 3);
  expect(new Set(starts.slice(0, 6).map(({ process }) => process)).size).toBe(3);
});

test('where starts are closer than Redis takes to answer, several are claimed at once, the most urgent first', async () => {
  const { openGate, start, granted } = setUp({ rate: { count: 100_000, windowMs: 1_000 } });
  let underWay = 0;
  const most: number[] = [];
  const counting = observed(
    () => most.push(++underWay),
    () => underWay--,
  );
  const gate = openGate('a', { redis: counting, maxInFlight: 40 });
  const order: number[] = [];
  const asking = times(50, (at) =>
    start(gate, 'a', { priority: at % 10 }).then(() => {
      order.push(at % 10);
    }),
  );
  await eventually(() => {
    expect(granted).toHaveLength(40);
  });
  expect(Math.max(...most)).toBeGreaterThan(10);
  expect(gate.inFlight).toBe(40);
  // The first of all asks before the others have come.
  expect(order.slice(1)).toEqual(order.slice(1).sort((one, other) => other - one));
  for (const one of granted) one.finished();
  await Promise.all(asking);
});

test('a start is granted ahead of its time: neither a timer nor the way to Redis makes it late', async () => {
  const { openGate, start } = setUp();
  const aheadUs: number[] = [];
  const gate = openGate('a', {
    redis: observed(
      () => undefined,
      (reply) => {
        const [kind, us, , , , , , , nowUs] = reply as ClaimReply;
        if (kind === 'go') aheadUs.push(us - nowUs);
      },
    ),
  });
  await Promise.all(times(10, () => start(gate, 'a')));
  // Asked for after its time, a start would be at once: 0. The first one is; a busy machine makes another one late now and then.
  expect(aheadUs.filter((us) => us > 0).length).toBeGreaterThanOrEqual(5);
  // 0.4 of a spacing, but 8 ms at most.
  expect(Math.max(...aheadUs)).toBeLessThanOrEqual(8_000);
});

test('an urgent task of one process takes the next slot before the backlog of all others', async () => {
  const { openGate, start, starts } = setUp({ rate: { count: 10, windowMs: 1_000 } });
  const backlog = ['a', 'b', 'c'].map((name) => {
    const gate = openGate(name);
    return Promise.all(times(4, () => start(gate, name, { lane: 'backlog', priority: 1 })));
  });
  await delay(150);
  const before = starts.length;
  await start(openGate('urgent'), 'urgent', { priority: 9 });
  expect(starts.findIndex(({ process }) => process === 'urgent') - before).toBeLessThanOrEqual(1);
  await Promise.all(backlog);
});

test('the backlog gets one slot in five while the priority lane waits', async () => {
  const { openGate, start, starts } = setUp({ rate: { count: 50, windowMs: 1_000 } });
  const [both, only] = [openGate('both'), openGate('only')];
  const urgent = times(24, () => start(both, 'both', { priority: 6 }));
  const patient = times(24, () => start(only, 'only', { lane: 'backlog', priority: 1 }));
  await Promise.all(urgent);
  const served = starts.slice(0, 25).filter(({ lane }) => lane === 'backlog').length;
  expect(served).toBeGreaterThanOrEqual(4);
  expect(served).toBeLessThanOrEqual(7);
  await Promise.all(patient);
});

test('a process that died in the line costs its own slot and is taken out', async () => {
  const { keys, openGate, start, starts } = setUp();
  await redis.zadd(keys.priorityLine, 1, 'dead');
  await redis.zadd(keys.backlogLine, 1, 'dead too');
  const gate = openGate('alive');
  await Promise.all(times(8, () => start(gate, 'alive')));
  const took = (starts.at(-1)?.at ?? 0) - (starts[0]?.at ?? 0);
  expect(took).toBeLessThan(30 * 50.5);
  expect(await redis.zscore(keys.priorityLine, 'dead')).toBeNull();
  expect(await redis.zscore(keys.backlogLine, 'dead too')).toBeNull();
});

test('an answer that is there by now costs no slot, one that is too old does', async () => {
  const { keys, openGate, start } = setUp();
  const gate = openGate('a');
  await redis.set(keys.answer('known'), '1000 {}');
  expect(await start(gate, 'a', { digest: 'known' })).toBe('answer');
  expect(await redis.hget(keys.gate, 'used')).toBeNull();
  expect(await start(gate, 'a', { digest: 'known', notBefore: 1_001 })).toBe('go');
});

test('the same look-up is made by one process; its later requests pass, and the next one after it is released', async () => {
  const { openGate, start } = setUp();
  const [a, b] = [openGate('a'), openGate('b')];
  expect(await start(a, 'a', { digest: 'same', token: 'mine' })).toBe('go');
  expect(await start(b, 'b', { digest: 'same', token: 'yours' })).toBe('busy');
  expect(await start(a, 'a', { digest: 'same', token: 'mine' })).toBe('go');
  await a.release('same', 'mine');
  expect(await start(b, 'b', { digest: 'same', token: 'yours' })).toBe('go');
});

test('a pause holds every process and ends by itself; the rate comes back slower', async () => {
  const { keys, openGate, start } = setUp();
  const [a, b] = [openGate('a'), openGate('b')];
  await start(a, 'a');
  await a.pause(600, 'rate_limited', true);
  const pausedAt = performance.now();
  await Promise.all([start(a, 'a'), start(b, 'b')]);
  expect(performance.now() - pausedAt).toBeGreaterThanOrEqual(595);
  expect(Number(await redis.hget(keys.gate, 'factor'))).toBe(0.5);
});

test('a gate that is closed for long sends everybody away with the time', async () => {
  const { openGate, start } = setUp();
  const gate = openGate('a');
  await gate.pause(3_600_000, 'quota_exhausted', false);
  await expect(start(gate, 'a')).rejects.toThrow(GateClosed);
  const closedForMs = await gate.closedFor();
  expect(closedForMs).toBeGreaterThan(3_500_000);
});

test('the daily budget closes the gate until the next day', async () => {
  const { openGate, start } = setUp({ dailyBudget: 2 });
  const gate = openGate('a');
  await start(gate, 'a');
  await start(gate, 'a');
  await expect(start(gate, 'a')).rejects.toThrow('daily budget used');
});

test('faults in a row open the circuit, one probe goes through, and its success closes it', async () => {
  const { keys, openGate, start } = setUp({ rate: { count: 1_000, windowMs: 1_000 } });
  const gate = openGate('a');
  for (const _ of times(5, () => undefined)) {
    await start(gate, 'a');
    gate.report('fault', 0);
  }
  const openedAt = performance.now();
  await start(gate, 'a');
  expect(performance.now() - openedAt).toBeGreaterThan(900);
  expect(await redis.hget(keys.gate, 'reason')).toBe('circuit open');
  gate.report('ok', 0);
  await start(gate, 'a');
  expect(await redis.hget(keys.gate, 'pause')).toBeNull();
});

test('no more requests are let go than may be in flight', async () => {
  const { openGate, start, starts, granted } = setUp({ rate: { count: 1_000, windowMs: 1_000 } });
  const gate = openGate('a', { maxInFlight: 2 });
  const all = times(3, () => start(gate, 'a'));
  await Promise.all(all.slice(0, 2));
  expect(starts).toHaveLength(2);
  granted[0]?.finished();
  await Promise.all(all);
});

test('a request that is given up leaves the line and rejects with the reason', async () => {
  const { openGate, start } = setUp({ rate: { count: 1, windowMs: 60_000 } });
  const gate = openGate('a');
  await start(gate, 'a');
  const stop = new AbortController();
  const waiting = start(gate, 'a', { signal: stop.signal });
  stop.abort(new Error('stopping'));
  await expect(waiting).rejects.toThrow('stopping');
  expect(gate.waiting).toBe(0);
});

test('without Redis a process goes on at its own share of the rate', async () => {
  const away = openRedis({ url: 'redis://127.0.0.1:1', name: 'away', log: SILENT });
  let fallbacks = 0;
  const { openGate, start, starts } = setUp();
  const gate = openGate('a', { redis: away, onLocalFallback: () => fallbacks++ });
  await Promise.all(times(4, () => start(gate, 'a')));
  expect(fallbacks).toBe(4);
  expect((starts.at(-1)?.at ?? 0) - (starts[0]?.at ?? 0)).toBeGreaterThan(3 * 50 * 0.8);
  away.disconnect();
});

test('processes that lose Redis keep the rate together from their first request on', async () => {
  const { openGate, start, starts } = setUp({ rate: { count: 10, windowMs: 1_000 } });
  const names = ['a', 'b', 'c'];
  const connections = names.map((name) => openRedis({ url: server.url, name, log: SILENT }));
  await Promise.all(connections.map((one) => redisReady(one, 5_000)));
  const open = names.map((name, at) => openGate(name, { redis: connections[at]! }));
  const startAll = (count: number) =>
    Promise.all(open.flatMap((gate, at) => times(count, () => start(gate, names[at]!))));
  await startAll(2);
  for (const connection of connections) connection.disconnect();
  starts.length = 0;
  const lostAt = performance.now();
  await startAll(3);
  // A failure that has just begun may be over in a moment.
  expect((starts[0]?.at ?? 0) - lostAt).toBeGreaterThan(900);
  const gaps = starts.slice(1).map(({ at }, index) => at - (starts[index]?.at ?? 0));
  // Together they would start three at a time. A busy machine hears of one late, and soon of the next.
  expect(gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)]).toBeGreaterThan(101 * 0.7);
  expect((starts.at(-1)?.at ?? 0) - (starts[0]?.at ?? 0)).toBeGreaterThan(8 * 101 * 0.8);
});

test('what a process let go without Redis counts when Redis is back', async () => {
  const { keys, openGate, start, starts } = setUp({ rate: { count: 2, windowMs: 4_000 } });
  const lost = openRedis({ url: server.url, name: 'lost', log: SILENT });
  await redisReady(lost, 5_000);
  const gate = openGate('a', { redis: lost });
  await start(gate, 'a');
  lost.disconnect();
  await start(gate, 'a');
  await lost.connect();
  await eventually(async () => {
    expect(await redis.zcard(keys.starts)).toBe(2);
  });
  await start(gate, 'a');
  expect((starts[2]?.at ?? 0) - (starts[0]?.at ?? 0)).toBeGreaterThan(4_000);
  lost.disconnect();
});

test('one slow answer of Redis is no outage', async () => {
  const impatient = openRedis({ url: server.url, name: 'impatient', log: SILENT });
  await redisReady(impatient, 5_000);
  let fallbacks = 0;
  const { openGate, start } = setUp();
  const gate = openGate('a', { redis: impatient, onLocalFallback: () => fallbacks++ });
  await start(gate, 'a');
  impatient.disconnect(true);
  expect(await start(gate, 'a')).toBe('go');
  expect(fallbacks).toBe(0);
  impatient.disconnect();
});

test('the window counts from when requests really left', async () => {
  const { openGate, start, starts, granted } = setUp({ rate: { count: 2, windowMs: 600 } });
  const gate = openGate('a');
  await start(gate, 'a');
  await delay(200);
  const sentAt = performance.now();
  granted[0]?.sent();
  await start(gate, 'a');
  await start(gate, 'a');
  expect((starts[1]?.at ?? 0) - sentAt).toBeGreaterThan(303 * 0.9 - 10);
  expect((starts[2]?.at ?? 0) - sentAt).toBeGreaterThan(598);
});

test('a start that is given back is no request, and one that is too old says so', async () => {
  const { keys, openGate, start, granted } = setUp({ rate: { count: 100, windowMs: 1_000 } });
  const gate = openGate('a');
  await start(gate, 'a');
  expect(granted[0]?.isTimely).toBe(true);
  await delay(120);
  expect(granted[0]?.isTimely).toBe(false);
  granted[0]?.giveBack();
  await eventually(async () => {
    expect(await redis.zcard(keys.starts)).toBe(0);
  });
  expect(await redis.hget(keys.gate, 'used')).toBe('0');
  expect(gate.inFlight).toBe(0);
});

test('a request that is given up between its grant and its time leaves the start to another', async () => {
  const { keys, openGate, start } = setUp();
  const giveUp = new AbortController();
  const goes: unknown[] = [];
  const gate = openGate('a', {
    redis: observed(
      () => undefined,
      (reply) => {
        if ((reply as unknown[])[0] === 'go') goes.push(reply);
        if (goes.length === 2) giveUp.abort(new Error('given up'));
      },
    ),
  });
  await start(gate, 'a');
  await expect(start(gate, 'a', { signal: giveUp.signal })).rejects.toThrow('given up');
  await eventually(async () => {
    expect(await redis.zcard(keys.starts)).toBe(1);
  });
  expect(goes).toHaveLength(2);
  expect(await redis.hget(keys.gate, 'used')).toBe('1');
  expect(gate.inFlight).toBe(1);
});

test('after a single refusal the rate is nearly back within windows, after a second one it stays below', async () => {
  const { keys, openGate, start } = setUp({ rate: { count: 20, windowMs: 1_000 } });
  const gate = openGate('a');
  await start(gate, 'a');
  const factor = async () => Number(await redis.hget(keys.gate, 'factor'));
  const afterCleanWindows = async (count: number) => {
    for (const _ of times(count, () => undefined)) {
      await redis.hset(keys.gate, 'changed', 1);
      await start(gate, 'a');
    }
    return factor();
  };
  await gate.pause(1, 'rate_limited', true);
  expect(await factor()).toBe(0.5);
  expect(await afterCleanWindows(4)).toBeCloseTo(0.9);
  expect(await afterCleanWindows(1)).toBeCloseTo(0.92);
  await redis.hset(keys.gate, 'changed', 1);
  await gate.pause(1, 'rate_limited', true);
  expect(await factor()).toBeCloseTo(0.46);
  expect(await afterCleanWindows(5)).toBeLessThan(0.85);
});

test('a flushed gate comes back as it was: closed while it was closed, as slow as it had become', async () => {
  const remembered: { gate?: RememberedGate } = {};
  const memory = {
    load: () => Promise.resolve(remembered.gate),
    save: (_: string, gate: RememberedGate) => {
      remembered.gate = gate;
      return Promise.resolve();
    },
  };
  const { keys, openGate, start } = setUp({ memory });
  const gate = openGate('a');
  await start(gate, 'a');
  await gate.pause(3_600_000, 'quota_exhausted', true);
  await redis.del(keys.gate);
  await expect(start(gate, 'a')).rejects.toThrow('quota_exhausted');
  expect(Number(await redis.hget(keys.gate, 'factor'))).toBe(0.5);
  expect(Number(await redis.hget(keys.gate, 'used'))).toBe(1);
});

test('after a flush the next start keeps its distance from those that are forgotten', async () => {
  const memory = {
    ...NO_MEMORY,
    load: () => Promise.resolve({ pausedUntil: 0, reason: '', factor: 1, day: 0, used: 0 }),
  };
  const { keys, openGate, start, starts } = setUp({ memory, rate: { count: 5, windowMs: 1_000 } });
  const gate = openGate('a');
  await start(gate, 'a');
  await redis.del(keys.gate);
  await start(gate, 'a');
  expect((starts[1]?.at ?? 0) - (starts[0]?.at ?? 0)).toBeGreaterThan(180);
});

test('what an operator holds stays closed, also for who waits already and without Redis, until it is let go', async () => {
  const { provider, openGate, start } = setUp();
  const gate = openGate('a');
  await start(gate, 'a');
  await writeOrders(
    redis,
    provider,
    { ...OPEN, heldUntil: UNTIL_RESUMED, heldReason: 'an audit' },
    server.prefix,
  );
  await expect(start(gate, 'a')).rejects.toThrow('an audit');
  expect(await gate.closedFor()).toBeGreaterThan(1e12);
  await writeOrders(redis, provider, OPEN, server.prefix);
  expect(await start(gate, 'a')).toBe('go');
});

test('whoever waits at a gate hears at once that it was resumed', async () => {
  const { provider, openGate, start } = setUp();
  const gate = openGate('a');
  const news = listenToGates({
    url: server.url,
    prefix: server.prefix,
    name: 'gate-test',
    log: SILENT,
    onChange: (changed) => {
      if (changed === provider) gate.changed();
    },
  });
  await start(gate, 'a');
  await eventually(async () => {
    expect(await redis.publish(gateChannel(server.prefix), 'nobody')).toBe(1);
  });
  const hold = { ...OPEN, heldUntil: Date.now() + 50_000, heldReason: 'a moment' };
  await writeOrders(redis, provider, hold, server.prefix);
  const waiting = start(gate, 'a');
  await eventually(() => {
    expect(gate.waiting).toBe(1);
  });
  const changed = gate.changedWithin(30_000);
  const resumedAt = performance.now();
  await writeOrders(redis, provider, OPEN, server.prefix);
  await Promise.all([waiting, changed]);
  // A sleeper that hears nothing looks after five seconds.
  expect(performance.now() - resumedAt).toBeLessThan(2_000);
  news.close();
});

test('a rate that an operator set holds for every process from its next claim on, up to and down', async () => {
  const { provider, openGate, start, starts } = setUp({ rate: { count: 1, windowMs: 1_000 } });
  const gates = ['a', 'b'].map((name) => openGate(name));
  const startAll = (count: number) =>
    Promise.all(gates.flatMap((gate, at) => times(count, () => start(gate, `${at}`))));
  await writeOrders(redis, provider, { ...OPEN, rate: '20/s' }, server.prefix);
  await startAll(5);
  const took = (starts.at(-1)?.at ?? 0) - (starts[0]?.at ?? 0);
  expect(took).toBeGreaterThan(9 * 50 * 0.88 - 10);
  expect(took).toBeLessThan(3_000);
  await writeOrders(redis, provider, { ...OPEN, rate: '4/s' }, server.prefix);
  starts.length = 0;
  await startAll(2);
  expect((starts.at(-1)?.at ?? 0) - (starts[0]?.at ?? 0)).toBeGreaterThan(3 * 250 * 0.9 - 10);
});

test('orders survive a flush by what is remembered', async () => {
  const orders = { heldUntil: UNTIL_RESUMED, heldReason: 'an audit', rate: '7/s' };
  const memory = {
    ...NO_MEMORY,
    load: () => Promise.resolve({ pausedUntil: 0, reason: '', factor: 1, day: 0, used: 0, orders }),
  };
  const { keys, openGate, start } = setUp({ memory });
  await expect(start(openGate('a'), 'a')).rejects.toThrow('an audit');
  expect(await redis.hget(keys.gate, 'set_rate')).toBe('7/s');
});

test('requests that were under way when the circuit opened do not lengthen it, a failed probe does', async () => {
  const { keys, openGate, start } = setUp();
  const gate = openGate('a');
  await Promise.all(times(20, () => start(gate, 'a')));
  for (const _ of times(20, () => undefined)) gate.report('fault', 5_000);
  const closedForMs = () => gate.closedFor();
  await eventually(async () => {
    expect(await redis.hget(keys.gate, 'faults')).toBe('5');
  });
  expect(await closedForMs()).toBeLessThanOrEqual(1_000);
  expect(await start(gate, 'a')).toBe('go');
  gate.report('fault', 0);
  await eventually(async () => {
    expect(await redis.hget(keys.gate, 'faults')).toBe('6');
  });
  expect(await closedForMs()).toBeGreaterThan(1_000);
});

test('who waits behind a circuit that has been open for too long is sent away', async () => {
  const { openGate, start } = setUp({ maxWaitMs: { priority: 1_000, backlog: 60_000 } });
  const gate = openGate('a');
  for (const _ of times(6, () => undefined)) {
    await start(gate, 'a');
    gate.report('fault', 0);
  }
  const sentAway: unknown = await start(gate, 'a').then(
    () => start(gate, 'a').catch((error: unknown) => error),
    (error: unknown) => error,
  );
  expect(sentAway).toBeInstanceOf(GateClosed);
  expect((sentAway as GateClosed).lastsMs).toBeGreaterThan(1_000);
});
