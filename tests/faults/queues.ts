/** The queues of a run, as a client that nobody disturbs sees them. */
import { type ChannelModel, connect } from 'amqplib';
import { pipelines } from '../../shared/pipelines/registry.ts';
import { listProviders } from '../../shared/providers/registry.ts';
import { declareTopology } from '../../shared/rabbitmq/declare.ts';
import {
  deadLetterQueue,
  type QueueType,
  RETRY_EXCHANGE,
  retryKey,
  topologyOf,
} from '../../shared/rabbitmq/topology.ts';
import { encodeTask } from '../../shared/task/message.ts';
import type { RetryStep } from '../../shared/task/retry-policy.ts';
import type { WorkItem } from './workload.ts';

export interface Letter {
  readonly queue: string;
  readonly messageId: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The first characters of it. */
  readonly body: string;
}

const BODY_BYTES = 300;
const prefixes = pipelines.map(({ prefix }) => prefix);
const DEAD_LETTER_QUEUES = prefixes.map(deadLetterQueue);

export class Queues {
  readonly #url: string;
  readonly #names: readonly string[];

  private constructor(url: string, names: readonly string[]) {
    this.#url = url;
    this.#names = names;
  }

  static async declare(url: string, queueType: QueueType): Promise<Queues> {
    const topology = topologyOf({ prefixes, providers: listProviders(), queueType });
    await connected(url, async (model) => {
      const report = await declareTopology(model, topology, async () => undefined);
      const drifts = report.filter(({ status }) => status === 'drift');
      if (drifts.length > 0) throw new Error(`not declared: ${JSON.stringify(drifts)}`);
    });
    return new Queues(
      url,
      topology.queues.map(({ name }) => name),
    );
  }

  /** Messages that no consumer holds, by queue; queues without any and those of dead letters are left out. */
  async waiting(): Promise<ReadonlyMap<string, number>> {
    return connected(this.#url, async (model) => {
      const channel = await model.createChannel();
      const waiting = new Map<string, number>();
      for (const name of this.#names.filter((one) => !DEAD_LETTER_QUEUES.includes(one))) {
        const { messageCount } = await channel.checkQueue(name);
        if (messageCount > 0) waiting.set(name, messageCount);
      }
      return waiting;
    });
  }

  /** Ids of all tasks that no consumer holds, in any queue but those of dead letters; they stay where they are. */
  async waitingTasks(): Promise<ReadonlySet<string>> {
    const depths = await this.waiting();
    return connected(this.#url, async (model) => {
      const channel = await model.createChannel();
      const ids = new Set<string>();
      for (const [queue, depth] of depths) {
        for (let taken = 0; taken < depth; taken++) {
          const message = await channel.get(queue);
          if (message === false) break;
          const { task_id: id } = JSON.parse(message.content.toString()) as { task_id: string };
          ids.add(id);
        }
      }
      // Nothing is acknowledged: with the channel all of them go back.
      return ids;
    });
  }

  /** Puts tasks on a step of the delay ladder, as a worker that defers them does; resolves when all are confirmed. */
  async sendLater(step: RetryStep, queue: string, items: readonly WorkItem[]): Promise<void> {
    await connected(this.#url, async (model) => {
      const channel = await model.createConfirmChannel();
      for (const { task } of items) {
        const properties = { persistent: true, messageId: task.taskId, priority: task.priority };
        channel.publish(RETRY_EXCHANGE, retryKey(step, queue), encodeTask(task), properties);
      }
      await channel.waitForConfirms();
    });
  }

  async letterCount(): Promise<number> {
    return connected(this.#url, async (model) => {
      const channel = await model.createChannel();
      let count = 0;
      for (const queue of DEAD_LETTER_QUEUES) count += (await channel.checkQueue(queue)).messageCount;
      return count;
    });
  }

  /** Takes all dead letters out. */
  async takeLetters(): Promise<readonly Letter[]> {
    return connected(this.#url, async (model) => {
      const channel = await model.createChannel();
      const letters: Letter[] = [];
      for (const queue of DEAD_LETTER_QUEUES) {
        for (;;) {
          const message = await channel.get(queue, { noAck: true });
          if (message === false) break;
          const { messageId, headers } = message.properties as { messageId?: string; headers?: object };
          letters.push({
            queue,
            messageId: messageId ?? '',
            headers: { ...headers },
            body: message.content.subarray(0, BODY_BYTES).toString(),
          });
        }
      }
      return letters;
    });
  }

  /** Sends raw messages to the default exchange, as foreign publishers do, and waits for their confirms. */
  async send(queue: string, messages: readonly { body: Buffer; messageId?: string }[]): Promise<void> {
    await connected(this.#url, async (model) => {
      const channel = await model.createConfirmChannel();
      for (const { body, messageId } of messages) {
        channel.sendToQueue(queue, body, {
          persistent: true,
          ...(messageId === undefined ? {} : { messageId }),
        });
      }
      await channel.waitForConfirms();
    });
  }
}

/** One connection for one piece of work: the broker may have been killed since the last. */
export async function connected<T>(url: string, run: (model: ChannelModel) => Promise<T>): Promise<T> {
  const model = await connect(url, { noDelay: true });
  model.on('error', () => undefined);
  try {
    return await run(model);
  } finally {
    await model.close().catch(() => undefined);
  }
}
