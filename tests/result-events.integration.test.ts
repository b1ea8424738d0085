/** How tasks ended, as a listener with a queue of its own hears it. */
import { randomUUID } from 'node:crypto';
import { RESULTS_EXCHANGE } from '../shared/rabbitmq/topology.ts';
import { ENTRY, DLQ } from './filled-desk.ts';
import { eventually } from './harness.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';

const ON = { ENRICHMENT_RESULT_EVENTS: 'on' };
const LONG = { timeoutMs: 30_000 };

let pipeline: TestPipeline;

beforeEach(async () => {
  pipeline = await openTestPipeline();
});

afterEach(() => pipeline.close());

/** A queue that hears what has these keys. */
async function listen(...keys: readonly string[]): Promise<string> {
  const queue = `results_${randomUUID()}`;
  await pipeline.channel.assertQueue(queue, { durable: true });
  for (const key of keys) await pipeline.channel.bindQueue(queue, RESULTS_EXCHANGE, key);
  return queue;
}

interface Heard {
  readonly key: string;
  readonly id: unknown;
  readonly event: Record<string, unknown>;
}

async function heardAt(queue: string, count: number): Promise<readonly Heard[]> {
  await eventually(async () => {
    expect(await pipeline.depth(queue)).toBe(count);
  }, LONG);
  const heard: Heard[] = [];
  for (let at = 0; at < count; at++) {
    const message = await pipeline.take(queue);
    if (message === false) throw new Error('the queue is empty');
    const event = JSON.parse(message.content.toString()) as Record<string, unknown>;
    heard.push({ key: message.fields.routingKey, id: message.properties.messageId, event });
  }
  return heard;
}

const film = (task_id: string, title: string): object => ({
  movie_id: task_id,
  task_id,
  title,
  owner: 'ann',
});

test('each settled task is told once, under its pipeline and outcome, to those who bound it', async () => {
  const all = await listen('#');
  const enriched = await listen('movies.enriched');
  await pipeline.openWorker(ON);
  const broken = { movie_id: 'm3', task_id: 't3', title: null };
  await pipeline.send(ENTRY, film('t1', 'Jurassic Park'), film('t2', 'No such film at all'), broken);
  const heard = new Map((await heardAt(all, 3)).map((one) => [one.id, one]));
  expect(heard.get('t1')).toMatchObject({
    key: 'movies.enriched',
    event: { v: 1, task_id: 't1', owner: 'ann', pipeline: 'movies', entity_id: 't1', outcome: 'enriched' },
  });
  expect(heard.get('t1')?.event['enriched']).toMatchObject({ title: 'Jurassic Park' });
  expect(heard.get('t2')?.key).toBe('movies.not_found');
  expect(heard.get('t3')).toMatchObject({ key: 'movies.dead', event: { outcome: 'dead', task_id: 't3' } });
  expect((await heardAt(enriched, 1)).map(({ id }) => id)).toEqual(['t1']);
  expect(await pipeline.depth(DLQ)).toBe(1);
}, 60_000);

test('a task whose result nobody listens to, or a listener refuses, is settled all the same', async () => {
  const full = `full_${randomUUID()}`;
  const refusing = { 'x-max-length': 1, 'x-overflow': 'reject-publish' };
  await pipeline.channel.assertQueue(full, { durable: true, arguments: refusing });
  await pipeline.channel.bindQueue(full, RESULTS_EXCHANGE, 'movies.not_found');
  const worker = await pipeline.openWorker(ON);
  const unknown = Array.from({ length: 20 }, (_, at) => film(`n${at}`, `No such film at all ${at}`));
  await pipeline.send(ENTRY, film('t1', 'Jurassic Park'), ...unknown);
  await eventually(async () => {
    const { rows } = await pipeline.db.query('select from movies');
    expect(rows).toHaveLength(21);
  }, LONG);
  // Nothing is held: what was not acknowledged would come back to its queue.
  await worker.stop();
  for (const queue of [ENTRY, 'enrichment_tmdb_queue']) expect(await pipeline.depth(queue)).toBe(0);
}, 60_000);

test('nothing is told unless it is switched on', async () => {
  const all = await listen('#');
  const worker = await pipeline.openWorker();
  await pipeline.send(ENTRY, film('t1', 'Jurassic Park'));
  await eventually(async () => {
    const { rows } = await pipeline.db.query('select from movies');
    expect(rows).toHaveLength(1);
  }, LONG);
  await worker.stop();
  expect(await pipeline.depth(all)).toBe(0);
}, 60_000);
