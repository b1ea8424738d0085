/** Commands about dead letters that die in the middle: each letter is where it was, where it went, or both. */
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrich } from './faults/command.ts';
import { DLQ, drainQueue, ENTRY, fillDesk, names } from './filled-desk.ts';
import { eventually } from './harness.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';

const COUNT = 600;
const EDITED = 'task-250';
const ALL = ['--pipeline', 'movies', '--all'];

let pipeline: TestPipeline;

beforeEach(async () => {
  pipeline = await openTestPipeline();
  await fillDesk(pipeline, COUNT);
});

afterEach(() => pipeline.close());

/** The n-th moment of its kind is the last of the process. */
async function diesAt(moment: string, ...args: string[]): Promise<void> {
  const preload = { module: 'crash-at', env: { FAULT_CRASH_AT: moment } } as const;
  const { ending, err } = await enrich(['dlq', ...args], pipeline.env, preload);
  expect([ending, err]).toEqual(['signal SIGKILL', err]);
}

async function done(...args: string[]): Promise<void> {
  const { ending, err } = await enrich(['dlq', ...args], pipeline.env);
  expect([ending, err]).toEqual(['exit code 0', err]);
}

/** The broker takes back what the dead process held as soon as it notices. */
async function expectEach(where: () => Promise<readonly string[]>): Promise<void> {
  const found = new Set<string>();
  await eventually(
    async () => {
      for (const id of await where()) found.add(id);
      expect(found).toEqual(new Set(names(COUNT)));
    },
    { timeoutMs: 20_000 },
  );
}

const inQueue = (): Promise<string[]> => drainQueue(pipeline, DLQ);
const replayed = (): Promise<string[]> => drainQueue(pipeline, ENTRY);

test.each(['decided:1', 'confirmed:1', 'confirmed:300'])(
  'a replay that dies at %s leaves each letter in the queue, replayed, or both with the same id',
  async (moment) => {
    await diesAt(moment, 'replay', ...ALL, '--no-canary');
    await expectEach(async () => [...(await inQueue()), ...(await replayed())]);
  },
  60_000,
);

test.each(['decided:1', 'confirmed:300'])(
  'a reindexing that dies at %s leaves each letter in the queue',
  async (moment) => {
    await diesAt(moment, 'reindex', '--pipeline', 'movies');
    await expectEach(inQueue);
  },
  60_000,
);

test.each(['decided:1', 'confirmed:100'])(
  'a discarding that dies at %s leaves each letter in the queue, in the file, or in both',
  async (moment) => {
    const file = join(await mkdtemp(join(tmpdir(), 'dead-letters-')), 'discarded.ndjson');
    await diesAt(moment, 'discard', '--pipeline', 'movies', '--grep', 'HTTP 503', '--to', file);
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    const inFile = lines.map((line) => (JSON.parse(line) as { id: string }).id);
    expect(inFile.length).toBeGreaterThan(0);
    await expectEach(async () => [...(await inQueue()), ...inFile]);
  },
  60_000,
);

// Of the first batch, and of the second: what the broker has been sent of a batch may all be there.
test.each(['confirmed:1', 'confirmed:550'])(
  'a restoring that dies at %s leaves the file whole, and given again brings back what is missing',
  async (moment) => {
    const file = join(await mkdtemp(join(tmpdir(), 'dead-letters-')), 'discarded.ndjson');
    await done('discard', ...ALL, '--to', file);
    const written = await readFile(file, 'utf8');
    expect(written.trim().split('\n')).toHaveLength(COUNT);
    await diesAt(moment, 'restore', file);
    expect(await readFile(file, 'utf8')).toBe(written);
    // Some are in their queue that the index does not know of; it learns of them before the rest is brought.
    await done('reindex', '--pipeline', 'movies');
    await done('restore', file);
    expect((await inQueue()).sort()).toEqual(names(COUNT).sort());
  },
  120_000,
);

test.each(['decided:1', 'confirmed:300'])(
  'an edit that dies at %s loses nothing, and makes one task however often it is given',
  async (moment) => {
    const edit = ['edit', EDITED, '--patch', '{"title":"Alien"}'];
    await done('reindex', '--pipeline', 'movies');
    await diesAt(moment, ...edit);
    await pipeline.db.query('update sweeps set expires_at = now()');
    // The index calls it edited; the queue is the truth.
    await enrich(['dlq', 'reindex', '--pipeline', 'movies'], pipeline.env);
    await enrich(['dlq', ...edit], pipeline.env);
    const tasks = new Set(await replayed());
    expect(tasks.size).toBe(1);
    await expectEach(async () => [...(await inQueue()), EDITED]);
  },
  120_000,
);
