import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'amqplib';
import type { Channel, ChannelModel } from 'amqplib';
import { eventually, openTestVhost } from '../../tests/harness.ts';
import type { TestVhost } from '../../tests/harness.ts';
import { declareTopology } from '../../shared/rabbitmq/declare.ts';
import { currentEnvironment } from '../../shared/runtime/environment.ts';
import { topologyOf } from '../../shared/rabbitmq/topology.ts';

const root = join(import.meta.dirname, '..', '..');
let vhost: TestVhost;
let model: ChannelModel;
let channel: Channel;
let directory: string;

beforeAll(async () => {
  vhost = await openTestVhost();
  model = await connect(vhost.url);
  channel = await model.createChannel();
  const prefixes = ['metadata_enrichment', 'movie_enrichment'];
  await declareTopology(
    model,
    topologyOf({ prefixes, providers: [], queueType: 'classic' }),
    async () => undefined,
  );
  directory = await mkdtemp(join(tmpdir(), 'publish-'));
});

afterAll(async () => {
  await model.close();
  await vhost.close();
  await rm(directory, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ReturnType<typeof spawn> {
  return spawn(process.execPath, [join(root, 'bin/enrich.js'), 'publish', ...args], {
    cwd: directory,
    env: { ...currentEnvironment(), NODE_OPTIONS: '', RABBITMQ_URL: vhost.url, ...env },
  });
}

/** Runs the real command in the test's directory. */
async function enrich(args: readonly string[], stdin = '', env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = start(args, env);
  child.stdin?.end(stdin);
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout!),
    text(child.stderr!),
  ]);
  return { code, stdout, stderr };
}

/** Takes all messages out of a queue. */
async function drain(queue: string): Promise<Record<string, unknown>[]> {
  const bodies: Record<string, unknown>[] = [];
  for (let message = await channel.get(queue, { noAck: true }); message !== false;) {
    bodies.push(JSON.parse(message.content.toString()) as Record<string, unknown>);
    message = await channel.get(queue, { noAck: true });
  }
  return bodies;
}

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(directory, name), content);
  return name;
}

test('good rows are published, bad ones are told and written to a file that can be corrected and published', async () => {
  const name = await file(
    'list.csv',
    'Track ID,Artist,Title,Label\n1,Ann,One,"x, y"\n2,,Two,z\n3,Cid,Three,\n',
  );
  const first = await enrich([name, '--priority', '8', '--owner', 'me']);
  expect(first).toMatchObject({
    code: 3,
    stdout: expect.stringContaining('2 of 3 rows published') as unknown,
  });
  expect(first.stderr).toContain('line 3: artist: is required');
  const messages = await drain('metadata_enrichment_queue');
  expect(messages).toEqual([
    expect.objectContaining({
      track_id: '1',
      artist: 'Ann',
      owner: 'me',
      priority: 8,
      extra: { label: 'x, y' },
    }),
    expect.objectContaining({ track_id: '3', artist: 'Cid' }),
  ]);
  const rejects = await readFile(join(directory, 'list.rejects.csv'), 'utf8');
  expect(rejects).toBe(
    'Track ID,Artist,Title,Label,rejected_line,rejected_field,rejected_value,rejected_reason\n' +
      '2,,Two,z,3,artist,,is required\n',
  );
  const corrected = await file('corrected.csv', rejects.replace('2,,', '2,Bob,'));
  expect(await enrich([corrected])).toMatchObject({ code: 0, stderr: '' });
  expect(await drain('metadata_enrichment_queue')).toEqual([
    expect.objectContaining({ track_id: '2', artist: 'Bob', extra: { label: 'z' } }),
  ]);
});

test('--strict publishes nothing when a row is bad, also from standard input, and all when none is', async () => {
  const bad = await enrich(
    ['-', '--strict', '--rejects', 'bad.ndjson'],
    '{"artist":"a","title":"b"}\n{"artist":"a"}\n',
  );
  expect(bad).toMatchObject({ code: 3, stdout: expect.stringContaining('Nothing published') as unknown });
  expect(await readFile(join(directory, 'bad.ndjson'), 'utf8')).toContain('"rejected_field":"title"');
  expect(await drain('metadata_enrichment_queue')).toEqual([]);
  expect(await enrich(['-', '--strict'], '{"artist":"a","title":"b"}\n')).toMatchObject({ code: 0 });
  expect(await drain('metadata_enrichment_queue')).toHaveLength(1);
});

test('--json prints one document and nothing else on stdout', async () => {
  const { code, stdout } = await enrich(
    ['-', '--json', '--pipeline', 'movies', '--map', 'title=Name,year="Released on"'],
    '[{"Name":1941,"Released on":"Dec 14 1979"},{"Name":null}]',
  );
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    pipeline: 'movies',
    rows: 2,
    published: 1,
    rejected: 1,
    rejected_rows: [{ line: 1, field: 'title', value: '', reason: 'is required' }],
    rejects_file: 'stdin.rejects.ndjson',
    interrupted: false,
  });
  const [movie] = await drain('movie_enrichment_queue');
  expect(movie).toMatchObject({
    title: '1941',
    year: 1979,
    movie_id: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
  });
});

test('a backlog file goes to the backlog with a priority that its queue knows', async () => {
  await enrich(
    ['-', '--lane', 'backlog', '--providers', 'musicbrainz', '--strategy', 'merge', '--refresh'],
    'artist,title\na,b\n',
  );
  expect(await drain('metadata_enrichment_backlog')).toEqual([
    expect.objectContaining({
      priority: 3,
      providers: ['musicbrainz'],
      strategy: 'merge',
      not_before: expect.any(Number) as unknown,
    }),
  ]);
});

test('--rate holds the rows back', async () => {
  const rows = Array.from({ length: 21 }, (_, index) => `a,${index}`).join('\n');
  const { stdout } = await enrich(['-', '--rate', '20', '--json'], `artist,title\n${rows}\n`);
  const { published, duration_s: seconds } = JSON.parse(stdout) as { published: number; duration_s: number };
  expect(published).toBe(21);
  expect(seconds).toBeGreaterThanOrEqual(0.95);
  await drain('metadata_enrichment_queue');
});

test('Ctrl-C ends with 130 and says how many are confirmed', async () => {
  const rows = Array.from({ length: 100 }, (_, index) => `a,${index}`).join('\n');
  const child = start([await file('slow.csv', `artist,title\n${rows}\n`), '--rate', '1/s', '--json']);
  // The first row is in its queue, the second waits for its turn.
  await eventually(async () => {
    expect((await channel.checkQueue('metadata_enrichment_queue')).messageCount).toBeGreaterThan(0);
  });
  child.kill('SIGINT');
  const [[code], stdout] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout!),
  ]);
  expect(code).toBe(130);
  const document = JSON.parse(stdout) as { interrupted: boolean; published: number };
  expect(document.interrupted).toBe(true);
  expect(await drain('metadata_enrichment_queue')).toHaveLength(document.published);
});

test.each([
  [['no-such.csv'], 2, 'there is no such file'],
  [['-', '--priority', '11'], 2, 'Expected an integer 0–10'],
  [['-', '--lane', 'fast'], 2, 'Allowed choices are priority, backlog'],
  [['-', '--providers', 'napster'], 2, "There is no 'napster'"],
  [['-', '--map', 'title'], 2, "cannot read 'title'"],
  [['-', '--rate', 'fast'], 2, 'such as 200, 200/s'],
])('%j is a usage error', async (args, code, message) => {
  const ended = await enrich(args, 'artist,title\na,b\n');
  expect(ended).toMatchObject({ code, stdout: '' });
  expect(ended.stderr).toContain(message);
});

test('a missing queue is 69 and says what creates it, a broker that cannot be used is 75 without its password', async () => {
  await channel.deleteQueue('movie_enrichment_backlog');
  const unroutable = await enrich(['-', '--pipeline', 'movies', '--lane', 'backlog'], 'title\nEmma\n');
  expect(unroutable).toMatchObject({
    code: 69,
    stderr: expect.stringContaining('run queue-init') as unknown,
  });
  const login = new URL(vhost.url);
  login.password = 'wrong-secret';
  const refused = await enrich(['-'], 'artist,title\na,b\n', { RABBITMQ_URL: login.href });
  expect(refused).toMatchObject({
    code: 75,
    stderr: expect.stringContaining('RABBITMQ_URL names') as unknown,
  });
  expect(refused.stderr).not.toContain('wrong-secret');
});

test('--dry-run publishes nothing and counts rows, rejects and requests without Redis too', async () => {
  const { code, stdout } = await enrich(['-', '--dry-run', '--json'], 'artist,title\na,b\n,c\nd,e\n', {
    REDIS_URL: 'redis://127.0.0.1:1/0',
  });
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    rows: 3,
    rejected: 1,
    cache: 'not reachable',
    requests: { spotify: 2 },
  });
  expect(await drain('metadata_enrichment_queue')).toEqual([]);
});
