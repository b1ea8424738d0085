import type { ConsumeMessage } from 'amqplib';
import { DealtWith } from './dealt-with.ts';

interface Said {
  readonly messageId?: string;
  readonly content?: string;
  readonly headers?: Record<string, unknown>;
}

const message = ({ messageId = 'm1', content = '{}', headers = {} }: Said = {}): ConsumeMessage =>
  ({ content: Buffer.from(content), properties: { messageId, headers } }) as unknown as ConsumeMessage;

const afterDeathOf = (...messages: readonly ConsumeMessage[]): DealtWith => {
  const dealtWith = new DealtWith(2);
  for (const one of messages) dealtWith.add(one);
  dealtWith.channelEnded();
  return dealtWith;
};

test('a message that comes again from a channel that is gone is known, once', () => {
  const dealtWith = afterDeathOf(message());
  expect(dealtWith.recognizes(message())).toBe(true);
  expect(dealtWith.recognizes(message())).toBe(false);
});

test('nothing comes again while its channel lives', () => {
  const dealtWith = new DealtWith(2);
  dealtWith.add(message());
  expect(dealtWith.recognizes(message())).toBe(false);
});

test('what the broker adds, and the order in which it gives headers back, make no difference', () => {
  const dealtWith = afterDeathOf(message({ headers: { 'x-reason': 'poison', 'x-died-at': '2026-01-01' } }));
  const again = { 'x-delivery-count': 1, 'x-died-at': '2026-01-01', 'x-reason': 'poison' };
  expect(dealtWith.recognizes(message({ headers: again }))).toBe(true);
});

test.each<[string, Said]>([
  ['id', { messageId: 'm2' }],
  ['body', { content: '{"a":1}' }],
  ['time of death', { headers: { 'x-died-at': '2026-01-02' } }],
])('another %s is another message', (_, other) => {
  const dealtWith = afterDeathOf(message({ headers: { 'x-died-at': '2026-01-01' } }));
  expect(dealtWith.recognizes(message({ headers: { 'x-died-at': '2026-01-01' }, ...other }))).toBe(false);
});

test('it remembers as many as can be under way on one channel, the latest', () => {
  const dealtWith = afterDeathOf(...['m1', 'm2', 'm3'].map((messageId) => message({ messageId })));
  expect(['m1', 'm2', 'm3'].map((messageId) => dealtWith.recognizes(message({ messageId })))).toEqual([
    false,
    true,
    true,
  ]);
});

test('it remembers twenty channels', () => {
  const dealtWith = new DealtWith(1);
  for (let channel = 0; channel < 21; channel++) {
    dealtWith.add(message({ messageId: `m${channel}` }));
    dealtWith.channelEnded();
  }
  expect(dealtWith.recognizes(message({ messageId: 'm0' }))).toBe(false);
  expect(dealtWith.recognizes(message({ messageId: 'm1' }))).toBe(true);
});
