/** Tells every two seconds what this worker does at each provider, from its own counters: nothing is kept per task. */
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { laneQueue, providerPrefix } from '../../shared/rabbitmq/topology.ts';
import { type ProviderBeat, type QueueBeat, removeBeat, writeBeat } from '../../shared/redis/heartbeats.ts';
import type { Redis } from '../../shared/redis/redis-client.ts';
import type { Lifecycle } from '../../shared/runtime/lifecycle.ts';
import { VERSION } from '../../shared/runtime/version.ts';
import type { Lane } from '../../shared/task/task.ts';
import type { LookUpDesk } from './look-up-desk.ts';
import { type Counts, NO_COUNTS, ProviderCounts } from './provider-counts.ts';
import type { Stage } from './stage.ts';
import { TaskCounts } from './task-counts.ts';

export interface HeartbeatDeps {
  readonly processId: string;
  readonly lanes: readonly Lane[];
  readonly desks: ReadonlyMap<string, LookUpDesk>;
  readonly stages: readonly Stage[];
  readonly metrics: Metrics;
  readonly redis: Redis;
  readonly log: Log;
  readonly lifecycle: Pick<Lifecycle, 'onStop'>;
}

const EVERY_MS = 2_000;
/** While no delivery comes or goes: reading its own counters is the most that an idle worker does. */
const IDLE_EVERY_MS = 6_000;

/** Beats until the process stops. Redis that is away is none of its business: then nobody can look either. */
export function startHeartbeat(deps: HeartbeatDeps): void {
  const { processId, lanes, redis, log, lifecycle } = deps;
  const counts = new ProviderCounts(deps.metrics);
  const tasks = new TaskCounts(deps);
  let beating: Promise<void> | undefined;
  let last = { moved: -1, at: 0 };
  const beat = async (): Promise<void> => {
    try {
      const providers = beatsOf(deps, await counts.lastMinute());
      const { settled, finished, bestPerSecond } = await tasks.lastMinute();
      await writeBeat(redis, {
        process: processId,
        at: Date.now(),
        providers,
        queues: queuesOf(deps, settled),
        worker: { version: VERSION, lanes, finished, bestPerSecond },
      });
    } catch (error) {
      log.debug('the heartbeat did not arrive', { error: (error as Error).message });
    } finally {
      beating = undefined;
    }
  };
  beating = beat();
  const timer = setInterval(() => {
    // Twice: a delivery that is settled is no longer held.
    const moved = deps.stages.reduce(
      (sum, { consumer }) => sum + 2 * consumer.settledCount + consumer.held,
      0,
    );
    const at = performance.now();
    if (moved === last.moved && at - last.at < IDLE_EVERY_MS) return;
    last = { moved, at };
    beating ??= beat();
  }, EVERY_MS);
  lifecycle.onStop('heartbeat', async () => {
    clearInterval(timer);
    await beating;
    await removeBeat(redis, processId).catch(() => undefined);
  });
}

const queuesOf = (
  { stages }: HeartbeatDeps,
  settled: ReadonlyMap<string, number>,
): Record<string, QueueBeat> =>
  Object.fromEntries(
    stages.map(({ consumer: { queue, held, oldestPublishedAt } }) => [
      queue,
      {
        held,
        settled: settled.get(queue) ?? 0,
        ...(oldestPublishedAt === undefined ? {} : { oldestAt: oldestPublishedAt }),
      },
    ]),
  );

function beatsOf(
  { desks, stages }: HeartbeatDeps,
  counts: ReadonlyMap<string, Counts>,
): Record<string, ProviderBeat> {
  const held = (provider: string, lane: Lane): number =>
    stages
      .filter(({ consumer }) => consumer.queue === laneQueue(providerPrefix(provider), lane))
      .reduce((sum, { consumer }) => sum + consumer.held, 0);
  const beats = [...desks].map(([name, { provider, gate, inFlightLimit }]): [string, ProviderBeat] => [
    name,
    {
      mode: provider.mode === 'live' ? 'live' : 'sandbox',
      rate: provider.limits.rate,
      dailyBudget: provider.limits.dailyBudget,
      costPerRequestUsd: provider.limits.costPerRequestUsd,
      inFlight: gate.inFlight,
      inFlightLimit,
      held: { priority: held(name, 'priority'), backlog: held(name, 'backlog') },
      ...(counts.get(name) ?? NO_COUNTS),
    },
  ]);
  return Object.fromEntries(beats);
}
