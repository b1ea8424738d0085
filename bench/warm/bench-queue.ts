/** A queue of the bare clients, and tasks in it and in those of the pipeline. */
import { connect, type Options } from 'amqplib';
import { pipelines } from '../../shared/pipelines/registry.ts';
import { topologyOf, type QueueType } from '../../shared/rabbitmq/topology.ts';

/** The entry queue of the tracks pipeline. */
export const ENTRY_QUEUE = 'metadata_enrichment_queue';

const WINDOW = 1_000;

export interface BenchQueue {
  /** Makes the queue anew, of the same kind as the entry queue of the pipeline: type, priorities. */
  remake(queue: string, type: QueueType): Promise<void>;
  /** Makes a plain queue anew. */
  remakePlain(queue: string): Promise<void>;
  /** Publishes straight to the queue with confirms; resolves when the broker has all. */
  fill(queue: string, bodies: Iterable<Buffer>, properties?: (at: number) => Options.Publish): Promise<void>;
  remove(queue: string): Promise<void>;
  /** Takes everything out of the queue. */
  purge(queue: string): Promise<void>;
  messages(queue: string): Promise<number>;
  close(): Promise<void>;
}

export async function openBenchQueue(url: string): Promise<BenchQueue> {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  return {
    remake: async (queue, type) => {
      await channel.deleteQueue(queue);
      await channel.assertQueue(queue, { durable: true, arguments: entryArguments(type) });
    },
    remakePlain: async (queue) => {
      await channel.deleteQueue(queue);
      await channel.assertQueue(queue, { durable: true });
    },
    fill: async (queue, bodies, properties) => {
      let at = 0;
      for (const body of bodies) {
        const own = properties?.(at) ?? { priority: 5 };
        channel.sendToQueue(queue, body, { persistent: true, contentType: 'application/json', ...own });
        at += 1;
        if (at % WINDOW === 0) await channel.waitForConfirms();
      }
      await channel.waitForConfirms();
    },
    remove: async (queue) => {
      await channel.deleteQueue(queue);
    },
    purge: async (queue) => {
      await channel.purgeQueue(queue);
    },
    messages: async (queue) => (await channel.checkQueue(queue)).messageCount,
    close: () => connection.close(),
  };
}

function entryArguments(queueType: QueueType): Readonly<Record<string, unknown>> {
  const prefixes = pipelines.map(({ prefix }) => prefix);
  const { queues } = topologyOf({ prefixes, providers: [], queueType });
  const entry = queues.find(({ name }) => name === ENTRY_QUEUE);
  if (entry === undefined) throw new Error(`the topology has no queue '${ENTRY_QUEUE}'`);
  return entry.arguments;
}
