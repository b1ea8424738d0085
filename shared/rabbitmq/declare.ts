/**
 * Brings the broker to what topology.ts says. Every queue is declared on a channel of its own: a refusal closes the
 * channel. Nothing is ever deleted or changed; what differs is reported.
 */
import type { Channel, ChannelModel } from 'amqplib';
import type { QueueSpec, Topology } from './topology.ts';

export interface Declared {
  readonly kind: 'exchange' | 'queue' | 'bindings';
  readonly name: string;
  /** `bound`: bindings are there now; the broker does not say whether they were before. */
  readonly status: 'created' | 'found' | 'bound' | 'drift';
  /** Of a drift: one line for each argument that differs, or the broker's own words. */
  readonly differences?: readonly string[];
}

/** Arguments of a queue as they are, by name; undefined when they cannot be asked for. */
export type LiveArguments = (queue: string) => Promise<Readonly<Record<string, unknown>> | undefined>;

/** Idempotent. Reports every object in the order of its declaration; throws only when the connection fails. */
export async function declareTopology(
  model: ChannelModel,
  topology: Topology,
  liveArguments: LiveArguments,
): Promise<Declared[]> {
  const report: Declared[] = [];
  for (const { name, type } of topology.exchanges) {
    const existed = await succeeds(model, (channel) => channel.checkExchange(name));
    const refusal = await refusalOf(model, (channel) =>
      channel.assertExchange(name, type, { durable: true }),
    );
    report.push(outcome('exchange', name, existed, refusal === undefined ? undefined : [refusal]));
  }
  for (const queue of topology.queues) report.push(await declareQueue(model, queue, liveArguments));
  const drifted = new Set(report.filter(({ status }) => status === 'drift').map(({ name }) => name));
  const bindings = topology.bindings.filter(
    ({ queue, exchange }) => !drifted.has(queue) && !drifted.has(exchange),
  );
  const refusal = await refusalOf(model, async (channel) => {
    for (const { queue, exchange, key } of bindings) await channel.bindQueue(queue, exchange, key);
  });
  const name = `${bindings.length} bindings`;
  report.push(
    refusal === undefined
      ? { kind: 'bindings', name, status: 'bound' }
      : { kind: 'bindings', name, status: 'drift', differences: [refusal] },
  );
  return report;
}

/** Messages in a queue, or undefined when there is no such queue. */
export const messagesIn = async (model: ChannelModel, queue: string): Promise<number | undefined> =>
  (await depthOf(model, queue))?.messages;

export interface QueueDepth {
  /** Without those that a consumer holds. */
  readonly messages: number;
  readonly consumers: number;
}

/** Undefined when there is no such queue. */
export async function depthOf(model: ChannelModel, queue: string): Promise<QueueDepth | undefined> {
  let depth: QueueDepth | undefined;
  await succeeds(model, async (channel) => {
    const { messageCount, consumerCount } = await channel.checkQueue(queue);
    depth = { messages: messageCount, consumers: consumerCount };
  });
  return depth;
}

async function declareQueue(
  model: ChannelModel,
  queue: QueueSpec,
  liveArguments: LiveArguments,
): Promise<Declared> {
  const existed = await succeeds(model, (channel) => channel.checkQueue(queue.name));
  const refusal = await refusalOf(model, (channel) =>
    channel.assertQueue(queue.name, { durable: true, arguments: { ...queue.arguments } }),
  );
  if (refusal === undefined) return outcome('queue', queue.name, existed);
  const live = await liveArguments(queue.name);
  return outcome(
    'queue',
    queue.name,
    existed,
    live === undefined ? [refusal] : differences(queue.arguments, live),
  );
}

/** One line for each argument that is not as wanted, in the order of their names. */
export function differences(
  wanted: Readonly<Record<string, unknown>>,
  live: Readonly<Record<string, unknown>>,
): string[] {
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(live)])].sort();
  return names
    .filter((name) => wanted[name] !== live[name])
    .map((name) => `${name}: is ${shown(live[name])}, should be ${shown(wanted[name])}`);
}

const shown = (value: unknown): string => (value === undefined ? 'not set' : JSON.stringify(value));

const outcome = (
  kind: 'exchange' | 'queue',
  name: string,
  existed: boolean,
  found?: readonly string[],
): Declared => ({
  kind,
  name,
  status: found !== undefined ? 'drift' : existed ? 'found' : 'created',
  ...(found === undefined ? {} : { differences: found }),
});

/** Exchanges and queues that are not there, or may not be seen; nothing is declared. Throws when the connection fails. */
export async function missingObjects(model: ChannelModel, topology: Topology): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const { name } of topology.exchanges)
    if (!(await succeeds(model, (channel) => channel.checkExchange(name)))) missing.push(`exchange ${name}`);
  for (const { name } of topology.queues)
    if (!(await succeeds(model, (channel) => channel.checkQueue(name)))) missing.push(`queue ${name}`);
  return missing;
}

const succeeds = async (model: ChannelModel, run: (channel: Channel) => Promise<unknown>): Promise<boolean> =>
  (await refusalOf(model, run)) === undefined;

/** Runs it on a channel that is thrown away; what the broker said when it refused. */
async function refusalOf(
  model: ChannelModel,
  run: (channel: Channel) => Promise<unknown>,
): Promise<string | undefined> {
  const channel = await model.createChannel();
  channel.on('error', () => undefined);
  try {
    await run(channel);
    await channel.close();
    return undefined;
  } catch (error) {
    await channel.close().catch(() => undefined);
    return (error as Error).message;
  }
}
