/**
 * The sweep against a model of the broker: a queue that takes back what is not acknowledged, in order and at its head,
 * when the channel dies or the process ends, and hands out the most urgent ones first, as RabbitMQ 4 does. What happens next is drawn: deliveries, confirms, deaths.
 */
import type { ConsumeMessage } from 'amqplib';
import fc from 'fast-check';
import { sweep } from './sweep.ts';
import type { Move, SweepEnd, SweepOptions, SweptDelivery } from './sweep-options.ts';

interface Stored {
  readonly id: string;
  readonly priority?: number;
  readonly headers?: Record<string, unknown>;
}

class Broker {
  readonly queue: Stored[];
  readonly target: string[] = [];
  #unacked: Stored[] = [];
  /** Held by channels that are gone, and not yet taken back. */
  #returning: Stored[][] = [];
  #acks: Stored[] = [];
  /** How many at the head of the queue were taken back. */
  #returned = 0;
  #channel = 0;
  #deaths = 0;
  #tag = 0;
  #onDelivery: ((delivery: SweptDelivery) => void) | undefined;
  readonly #next: () => number;
  readonly #type: 'classic' | 'quorum';
  #confirms: (() => void)[] = [];

  constructor(count: number, next: () => number, type: 'classic' | 'quorum' = 'classic') {
    this.#type = type;
    this.queue = Array.from({ length: count }, (_, seq) => ({ id: `m${seq}` }));
    this.#next = next;
  }

  readonly openConsumer = (onDelivery: (delivery: SweptDelivery) => void) => ({
    start: () => {
      this.#onDelivery = onDelivery;
      return undefined as never;
    },
    // A channel that is closed in order has sent all that it had to say. A quorum queue may not have listened.
    abandon: async () => {
      this.#onDelivery = undefined;
      if (this.#type === 'classic' || this.#next() < 0.5) this.#arrive();
      this.loseChannel();
    },
  });

  readonly publish: SweepOptions['publisher']['publish'] = async ({ routingKey, messageId, properties }) => {
    await new Promise<void>((resolve) => this.#confirms.push(resolve));
    const headers = properties?.headers as Record<string, unknown>;
    if (routingKey === 'dlq')
      this.queue.push({ id: messageId, headers, priority: properties?.priority ?? 0 });
    else this.target.push(messageId);
  };

  /** One thing that can happen in a broker. */
  step(deathRate: number, mostDeaths = 0): void {
    const draw = this.#next();
    if (draw < deathRate && this.#deaths < mostDeaths) {
      this.#deaths++;
      this.loseChannel();
    }
    if (draw < 0.6) this.#deliver();
    else this.#confirms.shift()?.();
    if (this.#next() < 0.1) this.takeBack();
    // An acknowledgement travels for a while, and one that is under way dies with its channel.
    if (this.#next() < 0.3) this.#arrive();
  }

  #arrive(): void {
    const arrived = new Set(this.#acks.splice(0));
    this.#unacked = this.#unacked.filter((stored) => !arrived.has(stored));
  }

  loseChannel(): void {
    this.#channel++;
    this.#tag = 0;
    this.#acks = [];
    if (this.#unacked.length > 0) this.#returning.push(this.#unacked.splice(0));
  }

  /**
   * Takes back what the channel held that has been gone for longest: at the head; a quorum queue puts it behind what it
   * took back before.
   */
  takeBack(): void {
    const returned = this.#returning.shift() ?? [];
    this.queue.splice(this.#type === 'quorum' ? this.#returned : 0, 0, ...returned);
    this.#returned += returned.length;
  }

  /** Nobody is there any more, and everything is back. */
  rest(): void {
    this.loseChannel();
    while (this.#returning.length > 0) this.takeBack();
  }

  get ready(): number {
    return this.queue.length;
  }

  #deliver(): void {
    const onDelivery = this.#onDelivery;
    if (onDelivery === undefined || this.#unacked.length >= 7) return;
    const most = Math.max(...this.queue.map(({ priority = 0 }) => priority));
    const first = this.queue.findIndex(({ priority = 0 }) => priority === most);
    const [stored] = this.queue.splice(first, 1);
    if (stored === undefined) return;
    const redelivered = first < this.#returned;
    if (redelivered) this.#returned--;
    this.#unacked.push(stored);
    const channel = this.#channel;
    const isLive = (): boolean => channel === this.#channel;
    const isStale = (): boolean => !isLive();
    onDelivery({
      message: {
        content: Buffer.from(stored.id),
        fields: { deliveryTag: ++this.#tag, redelivered },
        properties: { messageId: stored.id, headers: stored.headers ?? {} },
      } as ConsumeMessage,
      get isStale() {
        return isStale();
      },
      ack: () => {
        if (isLive()) this.#acks.push(stored);
      },
    });
  }
}

/** Hundreds of steps. */
const TAKE_BACK_MS = 8;

const idOf = (message: ConsumeMessage): string => message.content.toString();
const isWanted = (id: string): boolean => Number(id.slice(1)) % 3 === 0;
const moveOf = (message: ConsumeMessage): Move =>
  isWanted(idOf(message))
    ? {
        to: 'queue',
        destination: { queue: 'entry', body: message.content, messageId: idOf(message), priority: 5 },
      }
    : { to: 'tail' };

interface Run {
  readonly count: number;
  readonly seed: number;
  readonly deathRate: number;
  /** Channels that die, at most: without an end of them there is no end of a sweep. */
  readonly mostDeaths?: number;
  readonly type?: 'classic' | 'quorum';
  /** Broker steps after which the sweep is cancelled; Infinity = never. */
  readonly cancelAfter: number;
  /** How many messages one decision is about, at most. */
  readonly portion: number;
}

async function run({
  count,
  seed,
  deathRate,
  mostDeaths = 0,
  type,
  cancelAfter,
  portion,
}: Run): Promise<{ broker: Broker; end: SweepEnd }> {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const broker = new Broker(count, random, type);
  const cancelled = new AbortController();
  const running = sweep({
    queue: 'dlq',
    name: 'one',
    bound: count,
    openConsumer: broker.openConsumer,
    publisher: broker,
    ready: async () => broker.ready,
    takeBackMs: TAKE_BACK_MS,
    decide: async (messages) => messages.slice(0, portion).map(moveOf),
    idOf,
    signal: cancelled.signal,
  });
  const isDone = { yes: false };
  void running.finally(() => (isDone.yes = true));
  for (let steps = 0; !isDone.yes; steps++) {
    if (steps === cancelAfter) cancelled.abort();
    broker.step(deathRate, mostDeaths);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return { broker, end: await running };
}

const ids = (count: number): string[] => Array.from({ length: count }, (_, seq) => `m${seq}`);

test('a sweep moves exactly what is wanted, and the others are in their old order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(40), fc.nat(), fc.integer({ min: 1, max: 9 }), async (count, seed, portion) => {
      const { broker, end } = await run({ count, seed, deathRate: 0, cancelAfter: Infinity, portion });
      broker.rest();
      expect(end).toEqual({ seen: count, isComplete: true });
      expect(broker.target.sort()).toEqual(ids(count).filter(isWanted).sort());
      expect(broker.queue.map(({ id }) => id)).toEqual(ids(count).filter((id) => !isWanted(id)));
    }),
    { numRuns: 60 },
  );
});

test('whatever dies in between, each message is in the queue, where it was sent, or both', async () => {
  const cases = fc.record({
    count: fc.nat(30),
    seed: fc.nat(),
    deathRate: fc.constantFrom(0, 0.01, 0.05),
    mostDeaths: fc.nat(4),
    type: fc.constantFrom('classic', 'quorum'),
    cancelAfter: fc.oneof(fc.constant(Infinity), fc.nat(200)),
    portion: fc.integer({ min: 1, max: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(cases, async (one) => {
      const { broker, end } = await run(one);
      broker.rest();
      const left = new Set(broker.queue.map(({ id }) => id));
      const moved = new Set(broker.target);
      expect(new Set([...left, ...moved])).toEqual(new Set(ids(one.count)));
      expect([...moved].every(isWanted)).toBe(true);
      if (!end.isComplete) return;
      expect([...left].filter((id) => isWanted(id) && !moved.has(id))).toEqual([]);
      // Stopped, it does not look again; and after several deaths copies at the tail may hide an original. Then it is in both places.
      const isWatched = one.mostDeaths <= 1 && one.cancelAfter === Infinity;
      if (isWatched && one.type === 'quorum') expect([...left].filter(isWanted)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('going on where it was cancelled puts the others in their old order again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.nat(),
      fc.nat(80),
      async (count, seed, cancelAfter) => {
        const { broker, end } = await run({ count, seed, deathRate: 0, cancelAfter, portion: 4 });
        broker.rest();
        const rest = sweep({
          queue: 'dlq',
          name: 'one',
          bound: count - end.seen,
          openConsumer: broker.openConsumer,
          publisher: broker,
          ready: async () => broker.ready,
          takeBackMs: TAKE_BACK_MS,
          decide: async (messages) => messages.map(moveOf),
          idOf,
          signal: new AbortController().signal,
        });
        const isDone = { yes: false };
        void rest.finally(() => (isDone.yes = true));
        while (!isDone.yes) {
          broker.step(0);
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
        await rest;
        broker.rest();
        expect(broker.queue.map(({ id }) => id)).toEqual(ids(count).filter((id) => !isWanted(id)));
        expect(new Set(broker.target)).toEqual(new Set(ids(count).filter(isWanted)));
      },
    ),
    { numRuns: 60 },
  );
});

test('a queue that somebody else has emptied ends the sweep', async () => {
  const broker = new Broker(0, () => 0.5);
  const end = await sweep({
    queue: 'dlq',
    name: 'one',
    bound: 10,
    openConsumer: broker.openConsumer,
    publisher: broker,
    ready: async () => 0,
    decide: async () => [],
    idOf,
    signal: new AbortController().signal,
  });
  expect(end).toEqual({ seen: 0, isComplete: true });
});

test('what deciding throws ends the sweep, and every message is still in the queue', async () => {
  const broker = new Broker(5, () => 0.5);
  const failing = sweep({
    queue: 'dlq',
    name: 'one',
    bound: 5,
    openConsumer: broker.openConsumer,
    publisher: broker,
    ready: async () => 5,
    decide: async () => Promise.reject(new Error('the index is away')),
    idOf,
    signal: new AbortController().signal,
  });
  broker.step(0);
  await expect(failing).rejects.toThrow('the index is away');
  broker.rest();
  expect(broker.queue.map(({ id }) => id)).toEqual(ids(5));
});
