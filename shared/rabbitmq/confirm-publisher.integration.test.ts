import { connect, type ChannelModel } from 'amqplib';
import { openTestVhost, type TestVhost } from '../../tests/harness.ts';
import { cutConnection } from '../../tests/cut-connection.ts';
import { TcpProxy } from '../../tests/faults/tcp-proxy.ts';
import { SILENT } from '../observability/log.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import { ConfirmPublisher, type ConfirmPublisherOptions } from './confirm-publisher.ts';
import { Connection } from './connection.ts';

let vhost: TestVhost;
let admin: ChannelModel;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  vhost = await openTestVhost();
  admin = await connect(vhost.url);
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(async () => {
  await admin.close();
  await vhost.close();
});

let queues = 0;

async function setUp(
  options: Partial<ConfirmPublisherOptions> = {},
  queueArguments: Record<string, unknown> = {},
) {
  const queue = `q${queues++}`;
  const channel = await admin.createChannel();
  await channel.assertQueue(queue, { arguments: queueArguments });
  const name = `publisher of ${queue}`;
  const connection = new Connection({ url: vhost.url, name, log: SILENT, heartbeatSeconds: 5 }).start();
  const publisher = new ConfirmPublisher({ connection, log: SILENT, ...options });
  closing.push(
    () => channel.close(),
    () => connection.close(),
    () => publisher.close(),
  );
  const waiting = async (): Promise<number> => (await channel.checkQueue(queue)).messageCount;
  return { queue, name, channel, connection, publisher, waiting };
}

const message = (routingKey: string, messageId: string): OutgoingMessage => ({
  exchange: '',
  routingKey,
  messageId,
  body: Buffer.from('{}'),
});

test('a message is published once it is confirmed: it is in the queue by then, persistent', async () => {
  const { queue, channel, publisher } = await setUp();
  await publisher.publish(message(queue, 'm1'));
  const got = await channel.get(queue, { noAck: true });
  expect(got && got.properties).toMatchObject({ messageId: 'm1', deliveryMode: 2 });
});

test('a message that no queue takes is rejected although the broker confirms it', async () => {
  const outcomes: string[] = [];
  const { publisher } = await setUp({ onOutcome: (_, outcome) => outcomes.push(outcome) });
  await expect(publisher.publish(message('nowhere', 'm1'))).rejects.toMatchObject({ reason: 'unroutable' });
  expect(outcomes).toEqual(['returned']);
});

test('a full queue refuses, and the refusal reaches the caller', async () => {
  const { queue, publisher } = await setUp({}, { 'x-max-length': 1, 'x-overflow': 'reject-publish' });
  await publisher.publish(message(queue, 'm1'));
  await expect(publisher.publish(message(queue, 'm2'))).rejects.toMatchObject({ reason: 'refused' });
});

test('no more than the window is in flight, and everything arrives in order', async () => {
  const { queue, channel, publisher } = await setUp({ window: 10 });
  const all = Array.from({ length: 500 }, (_, at) => publisher.publish(message(queue, String(at))));
  expect(publisher.isFull).toBe(true);
  await publisher.flush();
  await Promise.all(all);
  for (let at = 0; at < 500; at++) {
    const got = await channel.get(queue, { noAck: true });
    expect(got && got.properties.messageId).toBe(String(at));
  }
});

test('what was not confirmed when the connection broke is published again on the next one', async () => {
  const { queue, name, publisher, waiting } = await setUp();
  await publisher.publish(message(queue, 'first'));
  const cut = { isDone: false };
  const cutting = cutConnection(vhost.managementUrl, name).then(() => {
    cut.isDone = true;
  });
  // Publishes on until well after the cut: nothing may be lost, whatever moment it hits.
  let next = 0;
  for (let afterCut = 0; afterCut < 200; afterCut += Number(cut.isDone)) {
    await publisher.publish(message(queue, `m${next++}`));
  }
  await cutting;
  expect(await waiting()).toBeGreaterThanOrEqual(next + 1);
});

test('a channel that the broker closes alone is replaced', async () => {
  const { queue, publisher } = await setUp();
  await publisher.publish(message(queue, 'm1'));
  // Publishing to an exchange that does not exist closes the channel, and would close every next one too.
  const stop = new AbortController();
  const lost = publisher.publish({ ...message(queue, 'm2'), exchange: 'no such exchange' }, stop.signal);
  const after = publisher.publish(message(queue, 'm3'));
  stop.abort(new Error('given up'));
  await expect(lost).rejects.toThrow('given up');
  await after;
});

test('a message that cannot be put on the wire is refused at once and holds nobody up', async () => {
  const { queue, publisher, waiting } = await setUp();
  await publisher.publish(message(queue, 'm1'));
  const tooLong = publisher.publish(message(queue, 'm'.repeat(256)));
  const headers = { 'x-big': 'h'.repeat(70_000) };
  const tooBig = publisher.publish({ ...message(queue, 'm2'), properties: { headers } });
  const after = publisher.publish(message(queue, 'm3'));
  await expect(tooLong).rejects.toMatchObject({ reason: 'refused' });
  await expect(tooBig).rejects.toMatchObject({ reason: 'refused' });
  await after;
  expect(publisher.outstanding).toBe(0);
  expect(await waiting()).toBe(2);
});

test('who gives up while the window is full makes room for those behind him', async () => {
  const { queue, publisher } = await setUp({ window: 1 });
  const stop = new AbortController();
  await publisher.publish(message(queue, 'm1'));
  const given = publisher.publish(message(queue, 'm2'), stop.signal);
  const behind = publisher.publish(message(queue, 'm3'));
  stop.abort(new Error('given up'));
  await expect(given).rejects.toThrow('given up');
  await behind;
});

test('a broker that is always slower than the timeout is waited for longer each time, and is done in the end', async () => {
  const { queue } = await setUp();
  const { hostname: host, port } = new URL(vhost.url);
  const proxy = await TcpProxy.open({ host, port: Number(port) });
  const url = Object.assign(new URL(vhost.url), { port: String(proxy.port) }).href;
  const connection = new Connection({ url, name: 'slow', log: SILENT }).start();
  const outcomes: string[] = [];
  const publisher = new ConfirmPublisher({
    connection,
    log: SILENT,
    confirmTimeoutSeconds: 1,
    onOutcome: (_, outcome) => outcomes.push(outcome),
  });
  closing.push(
    () => proxy.close(),
    () => connection.close(),
    () => publisher.close(),
  );
  await publisher.publish(message(queue, 'm1'));
  proxy.set({ latencyMs: 550 });
  await publisher.publish(message(queue, 'm2'));
  expect(outcomes).toEqual(expect.arrayContaining(['timeout', 'confirmed']));
}, 40_000);

test('closing rejects what is still outstanding instead of leaving it open', async () => {
  const { publisher, connection } = await setUp();
  await connection.close();
  const waiting = publisher.publish(message('q', 'm1'));
  await publisher.close();
  await expect(waiting).rejects.toMatchObject({ reason: 'closed' });
});
