/**
 * Messages that the broker has lost: a queue was purged, or deleted with what it held. Nobody is told of that, so tasks that
 * were handed over and are not settled are held against the messages that are somewhere. More tasks than messages may
 * be a moment in which things move, so it is believed only when it was so at the look before as well, and only as far as
 * both looks agree; then as many tasks are fed again, and no more. A task fed twice is settled once.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Pipeline } from '../pipelines/pipeline.ts';
import { pipelines } from '../pipelines/registry.ts';
import { countFed, feedAgain } from '../postgres/jobs/feed-again.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Connection } from '../rabbitmq/connection.ts';
import { readyCounts } from '../rabbitmq/ready-counts.ts';
import { laneQueue, providerPrefix, QUARANTINE, retryQueue } from '../rabbitmq/topology.ts';
import { readBeats } from '../redis/heartbeats.ts';
import type { Redis } from '../redis/redis-client.ts';
import { RETRY_STEPS, type RetryStep } from '../task/retry-policy.ts';
import { LANES } from '../task/task.ts';

export interface ReconcileDeps {
  readonly pool: Pool;
  readonly connection: Pick<Connection, 'ready'>;
  /** Workers say there what they hold. */
  readonly redis: Redis;
  /** Workers tell every two seconds: what they said before the first count is over by then. */
  readonly settleMs?: number;
  readonly signal: AbortSignal;
}

/** Pipeline → tasks that no message was found for. */
export type Missing = Readonly<Record<string, number>>;

export interface Reconciled {
  /** To be handed to the next look. */
  readonly missing: Missing;
  /** Pipeline → tasks that are fed again. */
  readonly fedAgain: Readonly<Record<string, number>>;
}

const SETTLE_MS = 3_000;

/**
 * One look. `before` is what the look before has found, a minute ago or so; absent = believe what is found now, because an
 * operator said so. Rejects when a server is away: then nothing is known.
 */
export async function reconcile(deps: ReconcileDeps, before?: Missing): Promise<Reconciled> {
  const missing: Record<string, number> = {};
  const fedAgain: Record<string, number> = {};
  for (const pipeline of pipelines) {
    const found = await missingOf(deps, pipeline);
    const lost = Math.min(found, before === undefined ? found : (before[pipeline.name] ?? 0));
    const fed = lost > 0 ? await feedAgain(deps.pool, pipeline.name, lost) : 0;
    if (fed > 0) fedAgain[pipeline.name] = fed;
    // What is fed again has to be missed twice again.
    missing[pipeline.name] = fed > 0 ? 0 : found;
  }
  return { missing, fedAgain };
}

async function missingOf(deps: ReconcileDeps, pipeline: Pipeline): Promise<number> {
  const { pool, settleMs = SETTLE_MS, signal } = deps;
  const first = await countFed(pool, pipeline.name);
  if (first.fed === 0) return 0;
  await delay(settleMs, undefined, { signal });
  const messages = await messagesOf(deps, pipeline);
  const second = await countFed(pool, pipeline.name);
  // The counts are not of one moment: what moved between them says nothing.
  const moved = Math.abs(second.settled - first.settled) * 2 + Math.abs(second.fed - first.fed);
  return Math.max(0, Math.min(first.fed, second.fed) - messages - moved);
}

/** In all queues in which a task of the pipeline may be, and in the hands of workers. */
async function messagesOf({ connection, redis, signal }: ReconcileDeps, pipeline: Pipeline): Promise<number> {
  const queues = queuesOf(pipeline);
  const model = await connection.ready(signal);
  const ready = await readyCounts(model, queues);
  const beats = await readBeats(redis);
  const held = beats.flatMap((beat) => queues.map((queue) => beat.queues?.[queue]?.held ?? 0));
  return [...ready.values(), ...held].reduce((sum, count) => sum + count, 0);
}

/** The delay ladder and the quarantine are everybody's: what others have there only makes a loss be seen later. */
const queuesOf = ({ prefix, chain }: Pipeline): readonly string[] => [
  ...[prefix, ...chain.map(providerPrefix)].flatMap((one) => LANES.map((lane) => laneQueue(one, lane))),
  ...Object.keys(RETRY_STEPS).map((step) => retryQueue(step as RetryStep)),
  QUARANTINE,
];
