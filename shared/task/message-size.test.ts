import { z } from 'zod';
import { MessageError } from './message-error.ts';
import { encodeTask, MAX_MESSAGE_BYTES, parseMessage } from './message.ts';

const SHAPE = {
  name: 'tracks',
  idField: 'track_id',
  schema: z.object({ track_id: z.string(), title: z.string() }),
};
const LEAST = { track_id: '1', title: 'Strobe' };

const parse = (body: Buffer) => parseMessage(body, () => SHAPE, { messageId: 'm1' });
const bytesOf = (record: object) => Buffer.from(JSON.stringify(record));

function padded(bytes: number): Buffer {
  const bare = bytesOf({ ...LEAST, pad: '' }).length;
  return bytesOf({ ...LEAST, pad: 'x'.repeat(bytes - bare) });
}

test('a message that was let in stays readable when the envelope makes it larger', () => {
  const task = parse(padded(MAX_MESSAGE_BYTES));
  const forwarded = encodeTask(task);
  expect(forwarded.length).toBeGreaterThan(MAX_MESSAGE_BYTES);
  expect(parse(forwarded)).toEqual(task);
});

test('one byte more than is let in is refused', () => {
  expect(() => parse(padded(MAX_MESSAGE_BYTES + 1))).toThrow(MessageError);
});

test('a task id that AMQP has no room for is refused: no stage could pass the task on', () => {
  expect(parse(bytesOf({ ...LEAST, task_id: '界'.repeat(85) })).taskId).toHaveLength(85);
  expect(() => parse(bytesOf({ ...LEAST, task_id: '界'.repeat(86) }))).toThrow('at most 255 bytes');
});
