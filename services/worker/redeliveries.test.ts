import type { Delivery } from '../../shared/rabbitmq/delivery.ts';
import { QUARANTINE } from '../../shared/rabbitmq/topology.ts';
import { countedByBroker, isSuspect, originQueueOf, setAside } from './redeliveries.ts';

const delivery = (headers: object, properties: object = {}): Delivery =>
  ({
    queue: 'metadata_enrichment_backlog',
    message: { content: Buffer.from('{'), properties: { headers, ...properties } },
  }) as unknown as Delivery;

test('a classic queue counts by the message, which keeps its place by the highest priority of its lane', () => {
  const first = setAside(delivery({ traceparent: '00-1' }, { messageId: 'm1', priority: 1 }), 'backlog');
  expect(first).toEqual({
    queue: 'metadata_enrichment_backlog',
    lane: 'backlog',
    body: Buffer.from('{'),
    messageId: 'm1',
    priority: 3,
    headers: { traceparent: '00-1', 'x-redeliveries': 1 },
  });
  expect(setAside(delivery({ 'x-redeliveries': 3 }), 'backlog')?.headers).toEqual({ 'x-redeliveries': 4 });
});

test('the fifth redelivery goes to the quarantine, unread, and says where it comes from', () => {
  const classic = setAside(delivery({ 'x-redeliveries': 4 }, { messageId: 'm1' }), 'backlog');
  const quorum = setAside(delivery({ 'x-delivery-count': 5 }, { messageId: 'm1' }), 'backlog');
  expect(classic).toEqual(quorum);
  expect(classic).toMatchObject({
    queue: QUARANTINE,
    body: Buffer.from('{'),
    headers: { 'x-origin-queue': 'metadata_enrichment_backlog' },
  });
});

test('a quorum queue counts by itself: what it counts is worked on until the fifth', () => {
  for (const count of [1, 2, 3, 4])
    expect(setAside(delivery({ 'x-delivery-count': count }), 'priority')).toBeUndefined();
});

test('what the broker itself has moved is known by the headers of the broker', () => {
  expect(originQueueOf(delivery({ 'x-first-death-queue': 'a_queue' }))).toBe('a_queue');
  expect(originQueueOf(delivery({ 'x-first-death-queue': 'a_queue', 'x-origin-queue': 'b_queue' }))).toBe(
    'b_queue',
  );
  expect(originQueueOf(delivery({}))).toBe(QUARANTINE);
  expect(countedByBroker(delivery({ 'x-delivery-count': 2 }))).toBe(2);
});

test('foreign headers beyond what the client can send do not keep a message where it is', () => {
  const aside = setAside(delivery({ 'x-foreign': 'x'.repeat(100_000), 'x-replay-count': 1 }), 'backlog');
  expect(aside?.headers).toEqual({ 'x-replay-count': 1, 'x-redeliveries': 1 });
});

test('a message that was set aside before is a suspect, any other is not', () => {
  expect(isSuspect(delivery({ 'x-redeliveries': 1 }))).toBe(true);
  expect(isSuspect(delivery({ 'x-redeliveries': 'many' }))).toBe(false);
  expect(isSuspect(delivery({}))).toBe(false);
});
