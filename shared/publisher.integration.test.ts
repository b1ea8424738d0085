import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'amqplib';
import type { Channel, ChannelModel, GetMessage } from 'amqplib';
import { openTestRedis, openTestVhost } from '../tests/harness.ts';
import type { TestVhost } from '../tests/harness.ts';
import { EnrichmentQueuePublisher } from './publisher.ts';
import type { EnrichmentRecord } from './publisher.ts';
import { declareTopology } from './rabbitmq/declare.ts';
import { topologyOf } from './rabbitmq/topology.ts';

const STROBE = { track_id: 't1', artist: 'Deadmau5', title: 'Strobe' };

interface Bench {
  readonly vhost: TestVhost;
  readonly model: ChannelModel;
  readonly channel: Channel;
}
let bench: Bench;
const opened: EnrichmentQueuePublisher[] = [];

beforeAll(async () => {
  const vhost = await openTestVhost();
  const model = await connect(vhost.url);
  const topology = topologyOf({
    prefixes: ['metadata_enrichment', 'movie_enrichment'],
    providers: [],
    queueType: 'classic',
  });
  await declareTopology(model, topology, async () => undefined);
  bench = { vhost, model, channel: await model.createChannel() };
});

afterEach(async () => {
  for (const publisher of opened.splice(0)) await publisher.close();
  for (const queue of [
    'metadata_enrichment_queue',
    'metadata_enrichment_backlog',
    'movie_enrichment_queue',
  ]) {
    await bench.channel.purgeQueue(queue);
  }
});

afterAll(async () => {
  await bench.model.close();
  await bench.vhost.close();
});

async function openPublisher(
  options: Partial<ConstructorParameters<typeof EnrichmentQueuePublisher>[0]> = {},
): Promise<EnrichmentQueuePublisher> {
  const publisher = new EnrichmentQueuePublisher({ url: bench.vhost.url, ...options });
  opened.push(publisher);
  await publisher.connect();
  return publisher;
}

async function take(queue: string): Promise<GetMessage> {
  const message = await bench.channel.get(queue, { noAck: true });
  if (message === false) throw new Error(`${queue} is empty`);
  return message;
}

const depth = async (queue: string): Promise<number> => (await bench.channel.checkQueue(queue)).messageCount;

/** A door to the broker that can be slammed. */
async function openProxy(): Promise<{ url: string; cut: () => void; close: () => void }> {
  const target = new URL(bench.vhost.url);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const broker = createConnection(Number(target.port), target.hostname);
    for (const end of [socket, broker]) {
      sockets.add(end);
      end.on('error', () => end.destroy()).on('close', () => sockets.delete(end));
    }
    socket.pipe(broker).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return { url: url.href, cut, close: () => server.close() };
}

test('a task that resolved is in the queue of its lane, persistent, with its id and priority', async () => {
  const lines: unknown[] = [];
  const log = { ...console, info: (...line: unknown[]) => lines.push(line) };
  const publisher = await openPublisher({ log });
  const taskId = await publisher.publish(STROBE, { priority: 9 });
  const { properties, content } = await take('metadata_enrichment_queue');
  expect(properties).toMatchObject({
    messageId: taskId,
    priority: 9,
    deliveryMode: 2,
    contentType: 'application/json',
  });
  expect(JSON.parse(content.toString())).toMatchObject({
    ...STROBE,
    task_id: taskId,
    pipeline: 'tracks',
    priority: 9,
  });
  expect(lines).toEqual([['Published enrichment task', expect.objectContaining({ taskId })]]);
});

test('priority, lane and pipeline tell the queue, and a backlog priority is one that its queue knows', async () => {
  const publisher = await openPublisher();
  await publisher.publish({ ...STROBE, priority: 2 });
  await publisher.publish(STROBE, { lane: 'backlog', priority: 10 });
  await publisher.publish({ movie_id: 'm1', title: 'Alien', year: 1979, label: 'x' }, { pipeline: 'movies' });
  expect((await take('metadata_enrichment_backlog')).properties.priority).toBe(3);
  expect((await take('metadata_enrichment_backlog')).properties.priority).toBe(2);
  const movie = JSON.parse((await take('movie_enrichment_queue')).content.toString()) as unknown;
  expect(movie).toMatchObject({ title: 'Alien', year: 1979, extra: { label: 'x' } });
});

test('a trace that the caller names for a task travels in the headers of its message, a malformed one does not', async () => {
  const publisher = await openPublisher();
  const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'vendor=1' };
  await publisher.publish(STROBE, trace);
  await publisher.publish(STROBE, { ...trace, traceparent: 'no context' });
  await publisher.publish(STROBE);
  const headers = [];
  for (let taken = 0; taken < 3; taken++)
    headers.push((await take('metadata_enrichment_queue')).properties.headers);
  expect(headers).toEqual([trace, {}, {}]);
});

test('what a worker would refuse is refused before it is sent', async () => {
  const publisher = await openPublisher();
  await expect(publisher.publish({ track_id: 't1', artist: 'x' })).rejects.toMatchObject({
    name: 'MessageError',
    problems: [expect.objectContaining({ field: 'title' })],
  });
  await expect(publisher.publish({ ...STROBE, notes: 'x'.repeat(300_000) })).rejects.toMatchObject({
    fault: 'too_large',
  });
  await expect(publisher.publish(STROBE, { pipeline: 'books' })).rejects.toThrow(
    'expected one of tracks, movies',
  );
  expect(await depth('metadata_enrichment_queue')).toBe(0);
});

test('a confirm without a queue is no success', async () => {
  const empty = await openTestVhost();
  const publisher = await openPublisher({ url: empty.url });
  const model = await connect(empty.url);
  await (await model.createChannel()).assertExchange('enrichment', 'direct', { durable: true });
  await expect(publisher.publish(STROBE)).rejects.toMatchObject({
    name: 'PublishError',
    reason: 'unroutable',
  });
  await model.close();
  await empty.close();
});

test('a broker that is not there is told by name, without the password', async () => {
  const publisher = new EnrichmentQueuePublisher({
    url: 'amqp://user:secret@127.0.0.1:1/x',
    connectTimeoutSeconds: 1,
  });
  const error = await publisher.connect().catch((reason: unknown) => reason as Error);
  expect(error).toMatchObject({
    name: 'PublishError',
    message: expect.stringContaining('127.0.0.1:1') as unknown,
  });
  expect(String(error)).not.toContain('secret');
});

test('publishMany takes no more from its source than the window holds', async () => {
  const publisher = await openPublisher({ window: 10 });
  let taken = 0;
  let widest = 0;
  async function* records(): AsyncGenerator<EnrichmentRecord> {
    for (let index = 0; index < 500; index += 1) {
      taken += 1;
      widest = Math.max(widest, taken - (await depth('metadata_enrichment_queue')));
      yield { ...STROBE, track_id: `t${index}` };
    }
  }
  expect(await publisher.publishMany(records())).toBe(500);
  expect(widest).toBeLessThanOrEqual(11);
  expect(await depth('metadata_enrichment_queue')).toBe(500);
});

test('publishMany ends while others keep the window full, and with what its caller throws', async () => {
  const publisher = await openPublisher({ window: 10 });
  const others = Array.from({ length: 300 }, (_, index) =>
    publisher.publish({ ...STROBE, track_id: `other-${index}` }),
  );
  expect(await publisher.publishMany([STROBE, { ...STROBE, track_id: 't2' }])).toBe(2);
  await Promise.all(others);

  const empty = await openTestVhost();
  const unroutable = await openPublisher({ url: empty.url });
  const model = await connect(empty.url);
  await (await model.createChannel()).assertExchange('enrichment', 'direct', { durable: true });
  const onRejected = (error: Error): void => {
    throw new Error(`cannot go on: ${error.name}`);
  };
  await expect(unroutable.publishMany([STROBE], { onRejected })).rejects.toThrow(
    'cannot go on: PublishError',
  );
  await model.close();
  await empty.close();
});

test('publishMany hands bad records over and goes on, or ends with the first one', async () => {
  const publisher = await openPublisher();
  const records = [STROBE, { track_id: 't2' }, { ...STROBE, track_id: 't3' }];
  const rejected: unknown[] = [];
  const published = await publisher.publishMany(records, {
    onRejected: (_error, record) => rejected.push(record),
  });
  expect({ published, rejected }).toEqual({ published: 2, rejected: [{ track_id: 't2' }] });
  await expect(publisher.publishMany(records)).rejects.toMatchObject({ name: 'MessageError' });
  expect(await depth('metadata_enrichment_queue')).toBe(3);
});

test('tasks survive a connection that is cut under them', async () => {
  const proxy = await openProxy();
  const publisher = await openPublisher({ url: proxy.url, window: 50 });
  async function* records(): AsyncGenerator<EnrichmentRecord> {
    for (let index = 0; index < 3_000; index += 1) {
      if (index === 1_000 || index === 2_000) proxy.cut();
      yield { ...STROBE, track_id: `t${index}` };
    }
  }
  expect(await publisher.publishMany(records())).toBe(3_000);
  const ids = new Set<string>();
  const consuming = await bench.model.createChannel();
  const total = await depth('metadata_enrichment_queue');
  await new Promise<void>((resolve) => {
    let seen = 0;
    const onMessage = (message: { content: Buffer } | null): void => {
      if (message !== null) ids.add((JSON.parse(message.content.toString()) as typeof STROBE).track_id);
      seen += 1;
      if (seen === total) resolve();
    };
    void consuming.consume('metadata_enrichment_queue', onMessage, { noAck: true });
  });
  await consuming.close();
  expect(ids.size).toBe(3_000);
  proxy.close();
});

test('an outage that lasts too long rejects what is outstanding', async () => {
  const gone = await openTestVhost();
  const publisher = await openPublisher({ url: gone.url, maxOutageSeconds: 1 });
  await gone.close();
  await expect(publisher.publish(STROBE)).rejects.toMatchObject({ reason: 'timeout' });
});

test('what is published after close is rejected, and close may be repeated', async () => {
  const publisher = await openPublisher();
  await publisher.close();
  await publisher.close();
  await expect(publisher.publish(STROBE)).rejects.toMatchObject({ reason: 'closed' });
});

test('within the window a record is published once, by whomever, and counted as published', async () => {
  const redis = await openTestRedis();
  const dedupe = { redisUrl: redis.url, windowSeconds: 60 };
  const [one, other] = [await openPublisher({ dedupe }), await openPublisher({ dedupe })];
  const id = await one.publish(STROBE);
  expect(await other.publish(STROBE)).toBe(id);
  const records = Array.from({ length: 2_000 }, (_, at) => ({ ...STROBE, track_id: `t${at % 500}` }));
  expect(await one.publishMany(records)).toBe(2_000);
  // t1 is the one of before.
  expect(one.duplicates + other.duplicates).toBe(1 + 1_501);
  expect(await depth('metadata_enrichment_queue')).toBe(500);
  for (const publisher of opened.splice(0)) await publisher.close();
  await redis.close();
});
