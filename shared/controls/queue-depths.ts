import { pipelines } from '../pipelines/registry.ts';
import { listProviders } from '../providers/registry.ts';
import { depthOf } from '../rabbitmq/declare.ts';
import type { Connection } from '../rabbitmq/connection.ts';
import { deadLetterQueue, laneQueue, providerPrefix, QUARANTINE, retryQueue } from '../rabbitmq/topology.ts';
import { RETRY_STEPS, type RetryStep } from '../task/retry-policy.ts';
import { type Lane, LANES } from '../task/task.ts';

export type QueueStage = 'entry' | 'provider' | 'dead_letters' | 'retry' | 'quarantine';

export interface QueueReport {
  readonly queue: string;
  readonly stage: QueueStage;
  readonly pipeline?: string;
  readonly provider?: string;
  readonly lane?: Lane;
  /** Without those that a worker holds; undefined = there is no such queue. */
  readonly messages: number | undefined;
  readonly consumers: number | undefined;
}

type Place = Omit<QueueReport, 'messages' | 'consumers'>;

/** Every queue of the pipeline, as the broker sees it now. Rejects when the broker does not answer. */
export async function listQueueDepths(
  connection: Connection,
  signal: AbortSignal,
): Promise<readonly QueueReport[]> {
  const model = await connection.ready(signal);
  // One after the other: each is a channel of its own, and all at once would be a burst of forty.
  const found: QueueReport[] = [];
  for (const place of places()) {
    const depth = await depthOf(model, place.queue);
    found.push({ ...place, messages: depth?.messages, consumers: depth?.consumers });
  }
  return found;
}

const places = (): readonly Place[] => [
  ...pipelines.flatMap(({ name: pipeline, prefix }) => [
    ...LANES.map((lane): Place => ({ queue: laneQueue(prefix, lane), stage: 'entry', pipeline, lane })),
    { queue: deadLetterQueue(prefix), stage: 'dead_letters' as const, pipeline },
  ]),
  ...listProviders().flatMap((provider) =>
    LANES.map((lane): Place => ({
      queue: laneQueue(providerPrefix(provider), lane),
      stage: 'provider',
      provider,
      lane,
    })),
  ),
  ...Object.keys(RETRY_STEPS).map((step): Place => ({
    queue: retryQueue(step as RetryStep),
    stage: 'retry',
  })),
  { queue: QUARANTINE, stage: 'quarantine' },
];
