import type { Message } from 'amqplib';
import { ageOf } from './message-age.ts';

const NOW = 1_800_000_000_000;
const stamped = (timestamp?: unknown) => ({ properties: { timestamp } }) as unknown as Message;

test.each([
  ['seconds', 1_799_999_990, 10_000],
  ['milliseconds', 1_799_999_990_000, 10_000],
  ['a clock that runs ahead', 1_800_000_050, 0],
  ['nothing', undefined, undefined],
  ['something else', 'yesterday', undefined],
])('a message stamped with %s', (_, timestamp, age) => {
  expect(ageOf(stamped(timestamp), NOW)).toBe(age);
});
