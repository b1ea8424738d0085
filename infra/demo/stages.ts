/** Where tasks of the demo may wait, and how many do. */
import { pipelines } from '../../shared/pipelines/registry.ts';
import type { Connection } from '../../shared/rabbitmq/connection.ts';
import { messagesIn } from '../../shared/rabbitmq/declare.ts';
import {
  deadLetterQueue,
  laneQueue,
  providerPrefix,
  QUARANTINE,
  retryQueue,
} from '../../shared/rabbitmq/topology.ts';
import { RETRY_STEPS, type RetryStep } from '../../shared/task/retry-policy.ts';
import { LANES } from '../../shared/task/task.ts';

export interface Stage {
  /** `entry`, a provider, `retry` or `quarantine`. */
  readonly name: string;
  readonly queues: readonly string[];
}

/** In the order of a task's way. */
export function stagesOf(providers: readonly string[]): readonly Stage[] {
  const lanesOf = (prefix: string): string[] => LANES.map((lane) => laneQueue(prefix, lane));
  return [
    { name: 'entry', queues: pipelines.flatMap(({ prefix }) => lanesOf(prefix)) },
    ...providers.map((name) => ({ name, queues: lanesOf(providerPrefix(name)) })),
    { name: 'retry', queues: Object.keys(RETRY_STEPS).map((step) => retryQueue(step as RetryStep)) },
    { name: 'quarantine', queues: [QUARANTINE] },
  ];
}

/**
 * Messages by stage: what the broker says that is ready, at this moment, and what workers say that they hold. The
 * management API knows both, but up to five seconds late, a good part of this demo.
 */
export async function waitingByStage(
  connection: Connection,
  stages: readonly Stage[],
  inFlight: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const counts = stages.map(async ({ name, queues }): Promise<[string, number]> => {
    const ready = await messages(connection, queues);
    const held = queues.reduce((sum, queue) => sum + (inFlight.get(queue) ?? 0), 0);
    return [name, ready + held];
  });
  return new Map(await Promise.all(counts));
}

/** Dead letters by pipeline. */
export async function deadByPipeline(connection: Connection): Promise<ReadonlyMap<string, number>> {
  const counts = pipelines.map(async ({ name, prefix }): Promise<[string, number]> => {
    return [name, await messages(connection, [deadLetterQueue(prefix)])];
  });
  return new Map(await Promise.all(counts));
}

async function messages(connection: Connection, queues: readonly string[]): Promise<number> {
  const model = await connection.ready();
  const counts = await Promise.all(queues.map((queue) => messagesIn(model, queue)));
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}
