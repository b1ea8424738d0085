import { check, type Fault, type Injected } from '../fault.ts';
import { withRedis } from '../redis-server.ts';
import { goesOn, shareSettled } from './meanwhile.ts';

const AWAY_MS = 4_000;
const HUNG_MS = 8_000;
const FULL_MS = 6_000;
/** Of what is published meanwhile: without the cache everything is looked up, as fast as the providers allow. */
const GOES_ON_SHARE = 0.1;

const killed: Fault = {
  id: 'F30',
  title: 'Redis killed',
  injection: `SIGKILL to Redis, started again empty after ${AWAY_MS / 1_000} s`,
  caughtUpWithinS: 30,
  allows: { cacheLoss: true, limitExcess: true },
  async inject(scene) {
    const { stack } = scene;
    await stack.end('redis', 'SIGKILL');
    const share = await shareSettled(scene, AWAY_MS);
    return { healedAt: await stack.revive('redis'), checks: [goesOn(share, GOES_ON_SHARE)] };
  },
};

const flushed: Fault = {
  id: 'F31',
  title: 'Redis flushed',
  injection: 'FLUSHALL under load',
  caughtUpWithinS: 30,
  allows: { cacheLoss: true },
  async inject({ urls }) {
    await withRedis(urls.redis, (redis) => redis.flushall());
    return { healedAt: performance.now() };
  },
};

const hung: Fault = {
  id: 'F32',
  title: 'Redis hangs',
  injection: `SIGSTOP to Redis for ${HUNG_MS / 1_000} s`,
  caughtUpWithinS: 30,
  allows: { cacheLoss: true, limitExcess: true },
  async inject(scene) {
    await scene.stack.signal('redis', 'SIGSTOP');
    const share = await shareSettled(scene, HUNG_MS);
    await scene.stack.signal('redis', 'SIGCONT');
    return { healedAt: performance.now(), checks: [goesOn(share, GOES_ON_SHARE)] };
  },
};

const full: Fault = {
  id: 'F33',
  title: 'Redis takes no writes',
  injection: `maxmemory 1 MB without eviction for ${FULL_MS / 1_000} s`,
  caughtUpWithinS: 30,
  allows: { cacheLoss: true, limitExcess: true },
  async inject(scene): Promise<Injected> {
    const configure = (memory: string, policy: string): Promise<unknown> =>
      withRedis(scene.urls.redis, async (redis) => {
        await redis.config('SET', 'maxmemory-policy', policy);
        await redis.config('SET', 'maxmemory', memory);
      });
    await configure('1mb', 'noeviction');
    const share = await shareSettled(scene, FULL_MS);
    await configure('256mb', 'volatile-lru');
    return { healedAt: performance.now(), checks: [goesOn(share, GOES_ON_SHARE)] };
  },
};

const poisoned: Fault = {
  id: 'F34',
  title: 'garbage in the cache',
  injection: 'every cached answer and response overwritten with garbage',
  caughtUpWithinS: 30,
  allows: { cacheLoss: true },
  async inject({ urls }) {
    const spoiled = await withRedis(urls.redis, async (redis) => {
      const keys = (await redis.keys('*')).filter((key) => /:(answer|response):/.test(key));
      for (const [at, key] of keys.entries())
        await redis.set(key, GARBAGE[at % GARBAGE.length] ?? '', 'KEEPTTL');
      return keys.length;
    });
    return {
      healedAt: performance.now(),
      checks: [check('there was something to spoil', spoiled > 0, spoiled)],
    };
  },
};

/** No time, a time in the future without an answer, an answer of another shape, none at all. */
const GARBAGE = ['garbage', '9999999999999 {', '1700000000000 {"provider":7}', '', '\u0000\u0000'];

export const redisFaults: readonly Fault[] = [killed, flushed, hung, full, poisoned];
