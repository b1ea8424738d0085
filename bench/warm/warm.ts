/** Tasks whose answers are all in the cache: parse, MGET, plan, upsert, acknowledge. Beside it the limits and the peers. */
import { Redis } from 'ioredis';
import type { BenchSystem } from '../bench-system.ts';
import { CREATE_TABLE } from '../programs/warm-row.ts';
import { openBenchQueue } from './bench-queue.ts';
import { type Arena, bareLoop, type Contender, oneQueryAMessage, pipelineContender } from './contenders.ts';
import { hold, type Standing } from './contest.ts';
import { bullMq, celery } from './peers.ts';
import { cacheAnswers } from './warm-load.ts';

export interface WarmOptions {
  readonly tasks: number;
  readonly rounds: number;
  /** Names of contenders, as far as their beginning; empty = all. */
  readonly only: readonly string[];
  readonly say: (line: string) => void;
}

export const measureWarm = (system: BenchSystem, options: WarmOptions): Promise<Standing[]> =>
  heldContest(system, options, async (arena) => {
    const all = await contenders(arena, options.say);
    const { only } = options;
    return all.filter(({ name }) => only.length === 0 || only.some((one) => name.startsWith(one)));
  });

/** All answers are cached, and there is a table for the bare clients. */
export async function heldContest(
  system: BenchSystem,
  options: Omit<WarmOptions, 'only'>,
  contendersIn: (arena: Arena) => Promise<readonly Contender[]>,
): Promise<Standing[]> {
  const { db, urls } = system;
  const redis = new Redis(urls.REDIS_URL);
  const queue = await openBenchQueue(urls.RABBITMQ_URL);
  try {
    await db.query(CREATE_TABLE);
    await cacheAnswers(redis);
    return await hold(await contendersIn({ system, queue }), { ...options, db });
  } finally {
    await queue.close();
    redis.disconnect();
  }
}

async function contenders(arena: Arena, say: (line: string) => void): Promise<Contender[]> {
  const peers = [await bullMq(arena, 100, say), await celery(arena, 2, say), await celery(arena, 4, say)];
  return [
    pipelineContender(arena),
    bareLoop(arena, 'multi'),
    bareLoop(arena, 'single'),
    oneQueryAMessage(arena, 100),
    oneQueryAMessage(arena, 1),
    ...peers.filter((peer) => peer !== undefined),
  ];
}
