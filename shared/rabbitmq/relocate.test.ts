/**
 * Against a small model of a broker and of processes that die: a message is where it was, where it goes, or both, and never
 * nowhere.
 */
import type { ConsumeMessage } from 'amqplib';
import fc from 'fast-check';
import type { OutgoingMessage } from './outgoing-message.ts';
import { relocate } from './relocate.ts';

/** What becomes of one publishing: the last three leave the delivery unsettled. */
const FATES = ['confirmed', 'refused', 'stored, confirm lost', 'died before', 'died after storing'] as const;
type Fate = (typeof FATES)[number];

const DESTINATION = 'next';

class ModelBroker {
  readonly source: string[];
  readonly destination: string[] = [];
  crashes = 0;
  readonly #acknowledged = new Set<string>();

  constructor(ids: readonly string[]) {
    this.source = [...ids];
  }

  /** One try to move the first message; the broker delivers it again later unless it was acknowledged. */
  async tryMove(fate: Fate): Promise<void> {
    const id = this.source.shift();
    if (id === undefined) return;
    const publish = async ({ messageId, routingKey }: OutgoingMessage): Promise<void> => {
      expect(routingKey).toBe(DESTINATION);
      if (fate === 'refused' || fate === 'died before') throw new Error(fate);
      this.destination.push(messageId);
      if (fate !== 'confirmed') throw new Error(fate);
    };
    const message = { content: Buffer.from(id), properties: { headers: {} } } as ConsumeMessage;
    const ack = (): void => {
      expect(this.destination).toContain(id);
      this.#acknowledged.add(id);
    };
    await relocate({ publish }, { message, ack, isStale: false }, destinationOf(id)).catch(() => {
      this.crashes++;
    });
    if (!this.#acknowledged.delete(id)) this.source.push(id);
  }
}

const destinationOf = (id: string): Parameters<typeof relocate>[2] => ({
  queue: DESTINATION,
  lane: 'priority',
  body: Buffer.from(id),
  messageId: id,
  priority: 5,
});

const ids = (count: number): string[] => Array.from({ length: count }, (_, at) => `task-${at}`);

test('whatever dies on the way, no message is lost, and there are no more copies than deaths', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.constantFrom(...FATES), { maxLength: 100 }),
      async (count, fates) => {
        const broker = new ModelBroker(ids(count));
        for (const fate of fates) {
          await broker.tryMove(fate);
          expect(new Set([...broker.source, ...broker.destination])).toEqual(new Set(ids(count)));
        }
        // A broker that takes everything brings all of them to their destination.
        while (broker.source.length > 0) await broker.tryMove('confirmed');
        expect(new Set(broker.destination)).toEqual(new Set(ids(count)));
        expect(broker.destination.length - count).toBeLessThanOrEqual(broker.crashes);
      },
    ),
    { numRuns: 300 },
  );
});

test('headers of the broker stay behind, and the priority is one that the lane knows', async () => {
  const sent: OutgoingMessage[] = [];
  const properties = { headers: { 'x-death': [{}] }, expiration: '1000', correlationId: 'c1', priority: 9 };
  const message = { content: Buffer.from('x'), properties } as unknown as ConsumeMessage;
  await relocate(
    { publish: async (one) => void sent.push(one) },
    { message, ack: () => undefined, isStale: false },
    { ...destinationOf('x'), lane: 'backlog', priority: 9 },
  );
  expect(sent[0]?.properties).toEqual({
    contentType: 'application/json',
    correlationId: 'c1',
    priority: 3,
  });
});
