import type { Channel } from 'amqplib';
import fc from 'fast-check';
import { Acknowledger } from './acknowledger.ts';

/** What the broker keeps of a channel: the tags that are not acknowledged. It refuses a tag that it does not have. */
class BrokerModel {
  readonly open: Set<number>;
  frames = 0;

  constructor(deliveries: number) {
    this.open = new Set(Array.from({ length: deliveries }, (_, at) => at + 1));
  }

  readonly channel = {
    ack: ({ fields: { deliveryTag } }: { fields: { deliveryTag: number } }, allUpTo = false) => {
      this.frames++;
      if (!this.open.has(deliveryTag)) throw new Error(`unknown delivery tag ${deliveryTag}`);
      for (const tag of [...this.open])
        if (tag === deliveryTag || (allUpTo && tag < deliveryTag)) this.open.delete(tag);
    },
    nack: ({ fields: { deliveryTag } }: { fields: { deliveryTag: number } }) => {
      if (!this.open.has(deliveryTag)) throw new Error(`unknown delivery tag ${deliveryTag}`);
      this.open.delete(deliveryTag);
    },
  } as unknown as Channel;
}

const settlements = fc.integer({ min: 1, max: 60 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    order: fc.shuffledSubarray(Array.from({ length: count }, (_, at) => at + 1)),
    handedBack: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
    flushes: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
  }),
);

test('exactly what was settled is settled, in any order and over any number of ticks', () => {
  fc.assert(
    fc.property(settlements, ({ count, order, handedBack, flushes }) => {
      const broker = new BrokerModel(count);
      const acknowledger = new Acknowledger(broker.channel);
      order.forEach((tag, at) => {
        if (handedBack[at] === true) acknowledger.handBack(tag);
        else acknowledger.ack(tag);
        if (flushes[at] === true) acknowledger.flush();
      });
      acknowledger.flush();
      const left = Array.from({ length: count }, (_, at) => at + 1).filter((tag) => !order.includes(tag));
      expect([...broker.open]).toEqual(left);
      acknowledger.end();
    }),
  );
});

test('what is settled without a gap in one tick costs one frame', () => {
  const broker = new BrokerModel(200);
  const acknowledger = new Acknowledger(broker.channel);
  for (let tag = 1; tag <= 200; tag++) acknowledger.ack(tag);
  acknowledger.flush();
  expect(broker.frames).toBe(1);
  expect(broker.open.size).toBe(0);
});

test('after the end of its channel nothing is sent', () => {
  const broker = new BrokerModel(1);
  const acknowledger = new Acknowledger(broker.channel);
  acknowledger.end();
  acknowledger.ack(1);
  acknowledger.handBack(1);
  acknowledger.flush();
  expect(acknowledger.isDead).toBe(true);
  expect(broker.open.size).toBe(1);
});
