import type { Pipeline } from '../pipelines/pipeline.ts';
import { pipelines } from '../pipelines/registry.ts';
import { messagesIn } from '../rabbitmq/declare.ts';
import { deadLetterQueue } from '../rabbitmq/topology.ts';
import type { DeadLetterFilter } from '../task/dead-letter-filter.ts';
import type { Desk } from './desk.ts';

/** Pipelines that a filter allows: each has a queue of its own. */
export const pipelinesOf = ({ pipeline: name }: DeadLetterFilter): readonly Pipeline[] =>
  pipelines.filter((pipeline) => name === undefined || pipeline.name === name);

/** What the broker says: the truth about how many there are. Messages that somebody holds are not counted. */
export async function queueDepths(
  desk: Pick<Desk, 'consuming'>,
  filter: DeadLetterFilter = {},
): Promise<{ pipeline: string; queue: string; messages: number }[]> {
  const model = await desk.consuming.ready();
  return Promise.all(
    pipelinesOf(filter).map(async ({ name, prefix }) => {
      const queue = deadLetterQueue(prefix);
      return { pipeline: name, queue, messages: (await messagesIn(model, queue)) ?? 0 };
    }),
  );
}
