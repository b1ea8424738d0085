/**
 * Publishing with confirms: records by `publishMany` beside the messages that come of them by bare amqplib with the same
 * window, in turn on the same broker, and tasks that are awaited one by one.
 */
import { connect } from 'amqplib';
import { pipelines } from '../shared/pipelines/registry.ts';
import type { OutgoingMessage } from '../shared/rabbitmq/outgoing-message.ts';
import { taskMessage } from '../shared/rabbitmq/task-publisher.ts';
import { parseMessage } from '../shared/task/message.ts';
import type { BenchSystem } from './bench-system.ts';
import { percentile } from './percentile.ts';
import { ENTRY_QUEUE, openBenchQueue } from './warm/bench-queue.ts';
import { medianOf } from './warm/contest.ts';
import { bodyOf } from './warm/warm-load.ts';

export interface PublishResult {
  readonly tasks: number;
  /** A second; medians of the rounds. */
  readonly publishMany: number;
  readonly bareAmqplib: number;
  readonly ofBare: number;
  /** Milliseconds until the broker has confirmed a task that is published alone. */
  readonly oneByOneP50Ms: number;
  readonly oneByOneP99Ms: number;
}

export interface PublishOptions {
  readonly tasks: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

/** The default of the publisher. */
const WINDOW = 500;
const ONE_BY_ONE = 500;
/** The first ones compile. */
const WARM_UP = 100;

export async function measurePublish(system: BenchSystem, options: PublishOptions): Promise<PublishResult> {
  const { tasks, rounds, say } = options;
  const queue = await openBenchQueue(system.urls.RABBITMQ_URL);
  const bodies = Array.from({ length: tasks }, (_, at) => bodyOf('publish', at));
  const records = bodies.map((body) => JSON.parse(body.toString()) as Record<string, string>);
  const messages = bodies.map((body) =>
    taskMessage(
      parseMessage(body, () => pipelines[0]),
      ENTRY_QUEUE,
      'priority',
    ),
  );
  const ways = {
    publishMany: () => system.publisher.publishMany(records),
    bareAmqplib: () => publishBare(system.urls.RABBITMQ_URL, messages),
  };
  const rates = { publishMany: [] as number[], bareAmqplib: [] as number[] };
  // The first round compiles both, and counts for neither.
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of ['publishMany', 'bareAmqplib'] as const) {
      const began = performance.now();
      await ways[name]();
      const rate = tasks / ((performance.now() - began) / 1_000);
      await queue.purge(ENTRY_QUEUE);
      if (round === 0) continue;
      say(`round ${round}: ${name} ${Math.round(rate)}/s`);
      rates[name].push(rate);
    }
  }
  const times = await timesOneByOne(system, records.slice(0, WARM_UP + ONE_BY_ONE));
  await queue.purge(ENTRY_QUEUE);
  await queue.close();
  const [own, bare] = [medianOf(rates.publishMany), medianOf(rates.bareAmqplib)];
  return {
    tasks,
    publishMany: own,
    bareAmqplib: bare,
    ofBare: own / bare,
    oneByOneP50Ms: percentile(times, 0.5),
    oneByOneP99Ms: percentile(times, 0.99),
  };
}

async function publishBare(url: string, messages: readonly OutgoingMessage[]): Promise<void> {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  let outstanding = 0;
  let goOn: (() => void) | undefined;
  for (const { exchange, routingKey, body, messageId, properties } of messages) {
    outstanding += 1;
    const options = { ...properties, messageId, persistent: true, mandatory: true };
    channel.publish(exchange, routingKey, body, options, () => {
      outstanding -= 1;
      goOn?.();
    });
    while (outstanding >= WINDOW) await new Promise<void>((resolve) => (goOn = resolve));
  }
  await channel.waitForConfirms();
  await connection.close();
}

async function timesOneByOne(
  { publisher }: BenchSystem,
  records: readonly Record<string, string>[],
): Promise<number[]> {
  const times: number[] = [];
  for (const record of records) {
    const began = performance.now();
    await publisher.publish(record);
    times.push(performance.now() - began);
  }
  return times.slice(WARM_UP);
}
