import { connect, type Channel, type ChannelModel } from 'amqplib';
import { eventually, openTestVhost, type TestVhost } from '../../tests/harness.ts';
import { cutConnection } from '../../tests/cut-connection.ts';
import { SILENT } from '../observability/log.ts';
import { ConfirmPublisher } from './confirm-publisher.ts';
import { Connection } from './connection.ts';
import { declareTopology } from './declare.ts';
import { openManagement } from './management.ts';
import type { Delivery } from './delivery.ts';
import { QueueConsumer } from './queue-consumer.ts';
import { relocate } from './relocate.ts';
import { laneQueue, topologyOf } from './topology.ts';

let vhost: TestVhost;
let admin: ChannelModel;
let channel: Channel;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  vhost = await openTestVhost();
  admin = await connect(vhost.url);
  channel = await admin.createChannel();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(async () => {
  await admin.close();
  await vhost.close();
});

let queues = 0;

interface SetUp {
  readonly prefetch?: number;
  readonly send?: number;
  readonly queue?: string;
  readonly silenceMs?: number;
}

async function setUp({ prefetch = 100, send = 0, queue = `q${queues++}`, silenceMs }: SetUp = {}) {
  if (/^q\d/.test(queue)) await channel.assertQueue(queue);
  const deliveries: Delivery[] = [];
  const connection = new Connection({ url: vhost.url, name: `consumer of ${queue}`, log: SILENT }).start();
  const consumer = new QueueConsumer({
    connection,
    queue,
    prefetch,
    log: SILENT,
    onDelivery: (delivery) => deliveries.push(delivery),
    ...(silenceMs === undefined ? {} : { silenceMs }),
  }).start();
  closing.push(
    () => connection.close(),
    () => consumer.close(),
  );
  for (let at = 0; at < send; at++) channel.sendToQueue(queue, Buffer.from(String(at)));
  const arrived = (count: number) =>
    eventually(() => {
      expect(deliveries).toHaveLength(count);
    });
  const waiting = async (): Promise<number> => (await channel.checkQueue(queue)).messageCount;
  return { queue, connection, consumer, deliveries, arrived, waiting };
}

test('acknowledged in any order, nothing is left and nothing comes twice', async () => {
  const { consumer, deliveries, arrived, waiting } = await setUp({ send: 50 });
  await arrived(50);
  const shuffled = [...deliveries].sort(
    (a, b) => ((Number(a.message.content) * 7) % 50) - ((Number(b.message.content) * 7) % 50),
  );
  for (const [at, delivery] of shuffled.entries()) {
    delivery.ack();
    // Ends the tick now and then: multi-acks and single ones mix.
    if (at % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await consumer.drained();
  await consumer.close();
  expect(await waiting()).toBe(0);
});

test('a slow task at the head of the window does not hold the others back', async () => {
  const { deliveries, arrived } = await setUp({ prefetch: 5, send: 20 });
  await arrived(5);
  for (let settled = 1; settled < 20; settled++) {
    deliveries[settled]?.ack();
    await arrived(Math.min(20, 5 + settled));
  }
});

test('what is handed back comes again, marked', async () => {
  const { deliveries, arrived } = await setUp({ send: 1 });
  await arrived(1);
  deliveries[0]?.handBack();
  await arrived(2);
  expect(deliveries[1]?.message.fields.redelivered).toBe(true);
});

test('closing with finished work loses no acknowledgement', async () => {
  const { consumer, deliveries, arrived, waiting } = await setUp({ prefetch: 200, send: 200 });
  await arrived(200);
  for (const delivery of deliveries) delivery.ack();
  await consumer.close();
  expect(await waiting()).toBe(0);
});

test('a paused consumer leaves the messages in the broker and goes on when resumed', async () => {
  const { queue, consumer, arrived, waiting } = await setUp();
  await eventually(() => {
    expect(consumer.isConsuming).toBe(true);
  });
  await consumer.pause();
  channel.sendToQueue(queue, Buffer.from('later'));
  await eventually(async () => {
    expect(await waiting()).toBe(1);
  });
  await consumer.resume();
  await arrived(1);
});

test('a queue that is deleted and declared again is consumed again', async () => {
  const { queue, consumer, arrived } = await setUp();
  await eventually(() => {
    expect(consumer.isConsuming).toBe(true);
  });
  await channel.deleteQueue(queue);
  await eventually(() => {
    expect(consumer.isConsuming).toBe(false);
  });
  await channel.assertQueue(queue);
  channel.sendToQueue(queue, Buffer.from('again'));
  await arrived(1);
});

test('a quorum queue that is deleted and declared again at once is consumed again', async () => {
  const quorum = { durable: true, arguments: { 'x-queue-type': 'quorum' } };
  await channel.assertQueue('silent', quorum);
  const { deliveries, consumer } = await setUp({ queue: 'silent', silenceMs: 1_000 });
  await eventually(() => {
    expect(consumer.isConsuming).toBe(true);
  });
  await channel.deleteQueue('silent');
  await channel.assertQueue('silent', quorum);
  channel.sendToQueue('silent', Buffer.from('after'));
  await eventually(() => {
    expect(deliveries.map(({ message }) => message.content.toString())).toContain('after');
  });
});

test('a delivery of a channel that died is stale: settling it does nothing, and it comes again', async () => {
  const { queue, deliveries, arrived } = await setUp({ send: 1 });
  await arrived(1);
  await cutConnection(vhost.managementUrl, `consumer of ${queue}`);
  await arrived(2);
  const [first, second] = deliveries;
  expect(first?.isStale).toBe(true);
  first?.ack();
  expect(second?.message.fields.redelivered).toBe(true);
  second?.ack();
});

describe.each(['classic', 'quorum'] as const)('on %s queues', (queueType) => {
  const prefix = `moves_${queueType}`;
  const [from, to] = [laneQueue(prefix, 'priority'), laneQueue(prefix, 'backlog')];

  async function setUpMove() {
    await declareTopology(
      admin,
      topologyOf({ prefixes: [prefix], providers: [], queueType }),
      async () => undefined,
    );
    const own = await setUp({ queue: from });
    const connection = new Connection({ url: vhost.url, name: 'mover', log: SILENT }).start();
    const publisher = new ConfirmPublisher({ connection, log: SILENT });
    closing.push(
      () => connection.close(),
      () => publisher.close(),
    );
    channel.sendToQueue(from, Buffer.from('{}'), {
      headers: { 'x-death': [] },
      expiration: 600_000,
      timestamp: 1_000,
    });
    await own.arrived(1);
    const relocation = { body: Buffer.from('{"moved":true}'), messageId: 'm1', priority: 9 };
    return { ...own, publisher, delivery: own.deliveries[0]!, relocation };
  }

  test('a relocated message is in the other queue and no longer in the first', async () => {
    const { consumer, publisher, delivery, relocation, waiting } = await setUpMove();
    await relocate(publisher, delivery, { ...relocation, queue: to, lane: 'backlog' });
    await consumer.close();
    expect(await waiting()).toBe(0);
    const moved = await eventually(async () => {
      const got = await channel.get(to, { noAck: true });
      if (got === false) throw new Error('not there yet');
      return got;
    });
    expect(moved.content.toString()).toBe('{"moved":true}');
    expect(moved.properties).toMatchObject({
      messageId: 'm1',
      priority: 3,
      deliveryMode: 2,
      timestamp: 1_000,
    });
    expect(moved.properties.expiration).toBeUndefined();
    expect(moved.properties.headers).not.toHaveProperty('x-death');
  });

  test('a step of the ladder brings it back to the queue that was named', async () => {
    const { publisher, delivery, deliveries, relocation, arrived } = await setUpMove();
    const before = performance.now();
    await relocate(publisher, delivery, { ...relocation, queue: from, lane: 'priority', after: '1s' });
    await arrived(2);
    expect(performance.now() - before).toBeGreaterThan(950);
    expect(deliveries[1]?.message.properties).toMatchObject({ messageId: 'm1', priority: 9 });
    deliveries[1]?.ack();
  });

  test('a delivery that the broker has taken back is not moved: there would be two of it', async () => {
    const { consumer, publisher, delivery, relocation, waiting } = await setUpMove();
    await consumer.close();
    await relocate(publisher, delivery, { ...relocation, queue: to });
    expect((await channel.checkQueue(to)).messageCount).toBe(0);
    expect(await waiting()).toBe(1);
    await channel.purgeQueue(from);
  });

  test('a message whose move is refused stays where it is', async () => {
    const { consumer, publisher, delivery, relocation, waiting } = await setUpMove();
    await expect(relocate(publisher, delivery, { ...relocation, queue: 'nowhere' })).rejects.toMatchObject({
      reason: 'unroutable',
    });
    delivery.handBack();
    await consumer.close();
    await eventually(async () => {
      expect(await waiting()).toBe(1);
    });
    await channel.purgeQueue(from);
  });

  test('declaring twice changes nothing, another type is a readable drift and deletes nothing', async () => {
    const parts = { prefixes: [`drift_${queueType}`], providers: [], queueType };
    const management = openManagement(vhost.managementUrl, vhost.url);
    const live = (queue: string) => management.queueArguments(queue);
    const first = await declareTopology(admin, topologyOf(parts), live);
    expect(first.some(({ status }) => status === 'drift')).toBe(false);
    const second = await declareTopology(admin, topologyOf(parts), live);
    expect(second.every(({ status }) => status === 'found' || status === 'bound')).toBe(true);
    const other = queueType === 'classic' ? 'quorum' : 'classic';
    const third = await declareTopology(admin, topologyOf({ ...parts, queueType: other }), live);
    const drift = third.find(({ name }) => name === `drift_${queueType}_queue`);
    expect(drift?.status).toBe('drift');
    expect(drift?.differences?.join()).toContain(`x-queue-type: is "${queueType}", should be "${other}"`);
    await channel.checkQueue(`drift_${queueType}_queue`);
  });
});

test('of pauses and resumes in quick succession the last one counts', async () => {
  const { consumer, queue, waiting, arrived } = await setUp();
  await eventually(() => {
    expect(consumer.isConsuming).toBe(true);
  });
  await Promise.all([consumer.pause(), consumer.resume(), consumer.pause()]);
  channel.sendToQueue(queue, Buffer.from('later'));
  await eventually(async () => {
    expect(await waiting()).toBe(1);
  });
  expect((await channel.checkQueue(queue)).consumerCount).toBe(0);
  await Promise.all([consumer.resume(), consumer.pause(), consumer.resume()]);
  await arrived(1);
  expect((await channel.checkQueue(queue)).consumerCount).toBe(1);
});

test('what was held when its channel died holds nobody up: it is delivered again, and only that counts', async () => {
  const { consumer, connection, deliveries, arrived } = await setUp({ send: 5 });
  await arrived(5);
  const drained = consumer.drained();
  await cutConnection(vhost.managementUrl, `consumer of ${consumer.queue}`);
  await drained;
  await connection.ready();
  await arrived(10);
  expect(consumer.held).toBe(5);
  expect(deliveries.slice(0, 5).every(({ isStale }) => isStale)).toBe(true);
  deliveries[0]?.ack();
  expect(consumer.held).toBe(5);
});
