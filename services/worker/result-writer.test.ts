import { setImmediate as nextTick } from 'node:timers/promises';
import type { Channel, ConsumeMessage } from 'amqplib';
import { SILENT } from '../../shared/observability/log.ts';
import { openMetrics } from '../../shared/observability/metrics.ts';
import { tracks } from '../../shared/pipelines/tracks/index.ts';
import { openPool, type Pool } from '../../shared/postgres/pool.ts';
import { Acknowledger } from '../../shared/rabbitmq/acknowledger.ts';
import { Delivery } from '../../shared/rabbitmq/delivery.ts';
import { readLetter } from '../../shared/task/dead-letter.ts';
import type { Buried, Completed } from './finished-task.ts';
import { ResultWriter, type ResultWriterDeps } from './result-writer.ts';

/** Of a channel that is gone: nothing of it is written, and the writer is done with it in no time. */
class StaleDelivery extends Delivery {
  readonly #onLook: () => void;

  constructor(onLook: () => void) {
    const message = { content: Buffer.from('{}'), properties: {}, fields: {} } as ConsumeMessage;
    super(message, 'q', new Acknowledger(undefined as unknown as Channel), () => undefined);
    this.#onLook = onLook;
  }

  override get isStale(): boolean {
    this.#onLook();
    return true;
  }
}

const staleItem = (onLook = (): void => undefined): Buried => ({
  delivery: new StaleDelivery(onLook),
  pipeline: tracks,
  lane: 'priority',
  letter: readLetter({ content: Buffer.from('{}'), properties: {} }, tracks.name),
});

function openWriter(more: Partial<ResultWriterDeps> = {}): ResultWriter {
  return new ResultWriter({
    // Connects when it is used, which it is not.
    pool: openPool({ url: 'postgres://127.0.0.1:1/none', max: 1, applicationName: 'test' }),
    metrics: openMetrics({ version: '1', service: 'test' }),
    log: SILENT,
    maxBatch: 10,
    maxWrites: 2,
    prices: new Map(),
    onJobsMoved: () => undefined,
    onWritten: () => undefined,
    onRefused: () => undefined,
    onAvailable: () => undefined,
    ...more,
  });
}

test('what is added in the very moment in which the writer comes to rest does not wait for the next task', async () => {
  for (let steps = 0; steps < 20; steps++) {
    const writer = openWriter();
    const addLater = async (): Promise<void> => {
      for (let step = 0; step < steps; step++) await Promise.resolve();
      writer.add(staleItem());
    };
    writer.add(staleItem(() => void addLater()));
    await nextTick();
    await writer.flush();
    expect([steps, writer.backlog]).toEqual([steps, 0]);
  }
});

test('a report that breaks after the commit neither repeats the commit nor keeps the acknowledgement', async () => {
  const done: string[] = [];
  const client = {
    query: async (text: string) => {
      if (text === 'commit') done.push(text);
      return { rows: [], rowCount: 0 };
    },
    release: () => undefined,
  };
  const pool = { idleCount: 0, connect: async () => client } as unknown as Pool;
  const writer = openWriter({
    pool,
    onWritten: ({ row }) => {
      done.push(`reported ${row.id}`);
      throw new Error('the report breaks');
    },
  });
  for (const id of ['a', 'b']) writer.add(completed(id, () => done.push(`acknowledged ${id}`)));
  await writer.flush();
  expect(done).toEqual(['commit', 'acknowledged a', 'acknowledged b', 'reported a']);
});

test('a full batch is written beside another one, a part of a batch waits for its end', async () => {
  const begun: string[][] = [];
  const goOn: (() => void)[] = [];
  const client = {
    query: async (query: string | { readonly text: string; readonly values: readonly [string] }) => {
      if (typeof query === 'string' || !query.text.includes('insert into tracks'))
        return { rows: [], rowCount: 0 };
      const { values } = query;
      begun.push((JSON.parse(values[0]) as { id: string }[]).map(({ id }) => id));
      await new Promise<void>((resolve) => goOn.push(resolve));
      return { rows: [], rowCount: 1 };
    },
    release: () => undefined,
  };
  const pool = { idleCount: 0, connect: async () => client } as unknown as Pool;
  const writer = openWriter({ pool, maxBatch: 2 });
  const settled: string[] = [];
  const add = (id: string): void => {
    writer.add(completed(id, () => settled.push(id)));
  };
  for (const id of ['a', 'b', 'c', 'd', 'e']) add(id);
  await nextTick();
  await nextTick();
  expect(begun).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  goOn[1]?.();
  await nextTick();
  expect(settled).toEqual(['c', 'd']);
  goOn[0]?.();
  while (goOn.length < 3) await nextTick();
  goOn[2]?.();
  await writer.flush();
  expect([begun[2], settled]).toEqual([['e'], ['c', 'd', 'a', 'b', 'e']]);
});

function completed(id: string, ack: () => void): Completed {
  const row = { owner: '', id, taskId: id, entity: {}, extra: {}, outcome: 'not_found' };
  return {
    row,
    work: { task: { taskId: id }, pipeline: tracks, delivery: { isStale: false, ack } },
  } as unknown as Completed;
}
