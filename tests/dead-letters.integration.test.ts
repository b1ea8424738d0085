/** Dead letters on real servers: how they come about, and what can be done about them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { type Desk, openDesk } from '../shared/dead-letters/desk.ts';
import { discard } from '../shared/dead-letters/discard.ts';
import { edit } from '../shared/dead-letters/edit.ts';
import { reindex } from '../shared/dead-letters/reindex.ts';
import { replay, type ReplayEnd } from '../shared/dead-letters/replay.ts';
import type { ReplayRequest } from '../shared/dead-letters/replay-request.ts';
import { restore } from '../shared/dead-letters/restore.ts';
import { SweepBusy } from '../shared/dead-letters/sweep-letters.ts';
import { SILENT } from '../shared/observability/log.ts';
import { pipelineNamed } from '../shared/pipelines/registry.ts';
import { countLetters, findLetters, listGroups } from '../shared/postgres/dead-letter-search.ts';
import { QUARANTINE } from '../shared/rabbitmq/topology.ts';
import { DLQ, drainQueue, ENTRY, fillDesk, type FillOptions, movie, names, TITLES } from './filled-desk.ts';
import { eventually } from './harness.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';
import { IndexWatch } from '../services/dlq-manager/index-watch.ts';
import { openMetrics } from '../shared/observability/metrics.ts';

const LONG = { timeoutMs: 25_000 };
const movies = pipelineNamed('movies')!;

let pipeline: TestPipeline;
const desks: Desk[] = [];

afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.close();
  await pipeline.close();
});

async function deskOf(actor = 'tester@here'): Promise<Desk> {
  const { RABBITMQ_URL = '', DATABASE_URL = '' } = pipeline.env;
  const desk = await openDesk({ rabbitmqUrl: RABBITMQ_URL, databaseUrl: DATABASE_URL, actor, log: SILENT });
  desks.push(desk);
  return desk;
}

const request = (more: Partial<ReplayRequest> = {}): ReplayRequest => ({
  pipeline: movies,
  filter: {},
  isForced: false,
  isWatched: true,
  isRefresh: false,
  silenceMs: 15_000,
  ...more,
});

const unwatched = { isWatched: false } as const;

const run = (desk: Desk, what: ReplayRequest, signal = new AbortController().signal): Promise<ReplayEnd> =>
  replay(desk, what, { signal });

const fill = (count: number, options?: FillOptions): Promise<void> => fillDesk(pipeline, count, options);

const FIRST_CAUSE = { grep: 'HTTP 503' };
const isFirst = (name: string): boolean => Number(name.slice(5)) % 3 === 0;

const drain = (queue: string): Promise<string[]> => drainQueue(pipeline, queue);

/** Takes a message from the queue and dies with it, as a process does that a message kills. */
async function dieWith(queue: string): Promise<void> {
  const connection = await connect(pipeline.env['RABBITMQ_URL'] ?? '');
  const channel = await connection.createChannel();
  await channel.prefetch(1);
  await new Promise<void>((resolve) => {
    void channel.consume(queue, () => {
      resolve();
    });
  });
  await connection.close();
}

/** A provider that refuses everything is taken for one that is out of order: its tasks would be tried for minutes. */
const ONE_TRY = { TMDB_ATTEMPTS: '1' };

describe.each(['classic', 'quorum'] as const)('on %s queues', (queueType) => {
  beforeEach(async () => {
    pipeline = await openTestPipeline(queueType);
  });

  test('dead letters tell their cause, and are enriched by a replay once it is gone', async () => {
    await pipeline.control('POST', '/faults', { provider: 'tmdb', kind: 'contract' });
    await pipeline.openWorker(ONE_TRY);
    await pipeline.send(ENTRY, ...TITLES.map((_, index) => movie(index)), Buffer.from('not json'));
    const desk = await deskOf();
    await eventually(async () => {
      expect(await countLetters(desk.pool, {})).toBe(TITLES.length + 1);
    }, LONG);

    const [group, other] = await listGroups(desk.pool, {});
    expect(group).toMatchObject({
      pipeline: 'movies',
      provider: 'tmdb',
      count: 8,
      errorClass: 'unavailable 200',
    });
    expect(other).toMatchObject({ reason: 'not_json', count: 1 });
    const [letter] = await findLetters(desk.pool, 'task-3');
    expect(letter).toMatchObject({
      attempts: 1,
      replays: 0,
      lane: 'priority',
      entityId: 'm3',
      state: 'waiting',
    });
    expect(letter?.originQueue).toBe('enrichment_tmdb_queue');

    await pipeline.control('DELETE', '/faults');
    const end = await run(desk, request({ filter: { group: group!.fingerprint } }));
    expect(end).toMatchObject({ sent: 8, refused: 0, isComplete: true });
    expect(end.outcome).toMatchObject({ enriched: 8, back: 0 });
    expect(await countLetters(desk.pool, {})).toBe(1);
    expect(await drain(DLQ)).toHaveLength(1);
    const { rows } = await pipeline.db.query("select from movies where enrichment_status = 'enriched'");
    expect(rows).toHaveLength(8);
  }, 60_000);

  test('a replay whose cause is still there stops after the canary, and loses nothing', async () => {
    await pipeline.control('POST', '/faults', { provider: 'tmdb', kind: 'contract' });
    await fill(30, { of: 1 });
    await pipeline.openWorker(ONE_TRY);
    const desk = await deskOf();
    const end = await run(desk, request());
    expect(end).toMatchObject({ sent: 5, stopped: 'failing' });
    expect(end.outcome).toMatchObject({ enriched: 0, back: 5 });
    expect((await drain(DLQ)).sort()).toEqual(names(30).sort());
    const { rows } = await pipeline.db.query('select from dead_letters where replays = 1');
    expect(rows).toHaveLength(5);
  }, 60_000);

  test('a replay takes exactly the letters of its filter; the others keep their order', async () => {
    await fill(700);
    const end = await run(await deskOf(), request({ filter: FIRST_CAUSE, ...unwatched }));
    expect(end).toMatchObject({ sent: 234, seen: 700, isComplete: true });
    expect(await drain(ENTRY)).toEqual(names(700).filter(isFirst));
    expect(await drain(DLQ)).toEqual(names(700).filter((name) => !isFirst(name)));
  }, 60_000);

  test('a channel that dies in the middle costs no letter', async () => {
    await fill(1_500);
    const desk = await deskOf();
    const dying = { left: 3, died: 0 };
    const end = await replay(desk, request({ filter: FIRST_CAUSE, ...unwatched }), {
      signal: new AbortController().signal,
      onProgress: ({ seen }) => {
        if (dying.left === 0 || seen < 1_200 - dying.left * 300) return;
        dying.left--;
        void desk.consuming
          .ready()
          .then((model) => model.close())
          .then(
            () => dying.died++,
            // The one before has not ended yet.
            () => undefined,
          );
      },
    });
    expect(dying.died).toBeGreaterThan(0);
    expect(end.isComplete).toBe(true);
    const [replayed, left] = [await drain(ENTRY), await drain(DLQ)];
    expect(new Set(replayed)).toEqual(new Set(names(1_500).filter(isFirst)));
    expect(new Set(left)).toEqual(new Set(names(1_500).filter((name) => !isFirst(name))));
  }, 60_000);

  test('a command that is killed leaves each letter in the queue or replayed, and another one goes on', async () => {
    await fill(1_500);
    const desk = await deskOf('killed@here');
    const killed = replay(desk, request({ filter: FIRST_CAUSE, ...unwatched }), {
      signal: new AbortController().signal,
      onProgress: ({ seen }) => {
        if (seen === 400) void desk.close();
      },
    });
    await expect(killed).rejects.toThrow();
    await pipeline.db.query('update sweeps set expires_at = now()');
    const end = await run(await deskOf(), request({ filter: FIRST_CAUSE, ...unwatched }));
    expect(end.isComplete).toBe(true);
    const [replayed, left] = [await drain(ENTRY), await drain(DLQ)];
    expect(new Set(replayed)).toEqual(new Set(names(1_500).filter(isFirst)));
    expect(new Set(left)).toEqual(new Set(names(1_500).filter((name) => !isFirst(name))));
  }, 60_000);

  test('a message that five processes may have died of is done in the quarantine', async () => {
    await pipeline.send(ENTRY, movie(0));
    if (queueType === 'quorum') {
      for (let deaths = 0; deaths < 5; deaths++) await dieWith(ENTRY);
    } else {
      const taken = await pipeline.take(ENTRY);
      expect(taken).not.toBe(false);
      pipeline.channel.sendToQueue(ENTRY, Buffer.from(JSON.stringify(movie(0))), {
        headers: { 'x-redeliveries': 4 },
      });
      await pipeline.channel.waitForConfirms();
      await dieWith(ENTRY);
    }
    // Serves no entry stage of movies: what is done, the quarantine does.
    const worker = await pipeline.openWorker({ ENRICHMENT_PIPELINES: 'tracks' });
    expect(await pipeline.depth(ENTRY)).toBe(1);
    await pipeline.openWorker();
    await eventually(async () => {
      const { rows } = await pipeline.db.query("select from movies where enrichment_status = 'enriched'");
      expect(rows).toHaveLength(1);
    }, LONG);
    await worker.stop();
    expect(await pipeline.depth(QUARANTINE)).toBe(0);
  }, 60_000);

  test('a message that ends processes in the quarantine too is a dead letter, reason poison', async () => {
    const headers = { 'x-origin-queue': 'movie_enrichment_backlog' };
    pipeline.channel.sendToQueue(QUARANTINE, Buffer.from(JSON.stringify(movie(1))), {
      persistent: true,
      headers,
    });
    await pipeline.channel.waitForConfirms();
    for (let deaths = 0; deaths < 3; deaths++) await dieWith(QUARANTINE);
    await pipeline.openWorker();
    const desk = await deskOf();
    await eventually(async () => {
      expect(await countLetters(desk.pool, { reason: 'poison', pipeline: 'movies' })).toBe(1);
    }, LONG);
    const message = await pipeline.take(DLQ);
    expect(message && message.properties.headers).toMatchObject({
      'x-reason': 'poison',
      'x-lane': 'backlog',
    });
    expect(message && JSON.parse(message.content.toString())).toEqual(movie(1));
  }, 60_000);
});

const enrich = async (...args: string[]): Promise<{ code: number | null; out: string; err: string }> => {
  const entry = join(import.meta.dirname, '../bin/enrich.js');
  const child = spawn(process.execPath, [entry, 'dlq', ...args], {
    env: { ...process.env, ...pipeline.env, NODE_OPTIONS: '' },
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
};

describe('at the desk', () => {
  beforeEach(async () => {
    pipeline = await openTestPipeline();
  });

  test('a letter that came back three times is refused, and goes when it is forced', async () => {
    await fill(4, { replays: 3 });
    const desk = await deskOf();
    expect(await run(desk, request(unwatched))).toMatchObject({ sent: 0, refused: 4 });
    expect(await pipeline.depth(DLQ)).toBe(4);
    expect(await run(desk, request({ ...unwatched, isForced: true }))).toMatchObject({ sent: 4, refused: 0 });
    const message = await pipeline.take(ENTRY);
    expect(message && message.properties.headers).toMatchObject({ 'x-replay-count': 4 });
  }, 30_000);

  test('a letter whose entity was enriched since is dropped', async () => {
    await fill(2, { of: 1 });
    await pipeline.db.query(
      `insert into movies (owner, movie_id, task_id, enrichment_status, enrichment_timestamp)
       values ('', 'm1', 'another', 'enriched', '2030-01-01')`,
    );
    await pipeline.db.query("update movies set enrichment_timestamp = '2099-01-01'");
    const desk = await deskOf();
    expect(await run(desk, request(unwatched))).toMatchObject({ sent: 1, alreadyEnriched: 1 });
    expect(await drain(ENTRY)).toEqual(['task-0']);
    expect(await findLetters(desk.pool, 'task-1')).toMatchObject([{ state: 'enriched' }]);
  }, 30_000);

  test('a replay that comes to no match once more has that outcome, and waits for no other', async () => {
    await fill(1);
    await pipeline.db.query(
      `insert into movies (owner, movie_id, task_id, enrichment_status) values ('', 'm0', 'task-0', 'not_found')`,
    );
    const end = await run(await deskOf(), request({ silenceMs: 2_000 }));
    expect(end.outcome).toMatchObject({ replayed: 1, settledOtherwise: 1 });
  }, 30_000);

  test('two sweeps of one queue at once: the second one is refused', async () => {
    await fill(50);
    const [one, other] = [await deskOf(), await deskOf()];
    const stop = new AbortController();
    const slow = request({ ...unwatched, rate: { count: 5, windowMs: 1_000 } });
    const running = run(one, slow, stop.signal);
    await eventually(async () => {
      expect((await pipeline.db.query('select from sweeps')).rows).toHaveLength(1);
    });
    await expect(run(other, request(unwatched))).rejects.toThrow(SweepBusy);
    stop.abort(new Error('enough'));
    expect(await running).toMatchObject({ isComplete: false });
  }, 30_000);

  test('a cancelled replay goes on where it stopped, and the order is whole in the end', async () => {
    await fill(600);
    const desk = await deskOf();
    const stop = new AbortController();
    const first = await replay(desk, request({ filter: FIRST_CAUSE, ...unwatched }), {
      signal: stop.signal,
      onProgress: ({ seen }) => {
        if (seen === 100) stop.abort(new Error('enough'));
      },
    });
    expect(first.isComplete).toBe(false);
    const rest = await run(desk, request({ filter: FIRST_CAUSE, ...unwatched }));
    expect([first.sent + rest.sent, first.seen + rest.seen]).toEqual([200, 600]);
    expect(await drain(DLQ)).toEqual(names(600).filter((name) => !isFirst(name)));
  }, 30_000);

  test('a limit takes the first ones and leaves the rest in order', async () => {
    await fill(40);
    const end = await run(await deskOf(), request({ filter: FIRST_CAUSE, ...unwatched, limit: 5 }));
    expect(end).toMatchObject({ sent: 5, seen: 40 });
    expect(await drain(ENTRY)).toEqual(['task-0', 'task-3', 'task-6', 'task-9', 'task-12']);
  }, 30_000);

  test('discarded letters are in the file, and restoring puts them back once', async () => {
    await fill(30);
    const desk = await deskOf();
    const file = join(await mkdtemp(join(tmpdir(), 'dead-letters-')), 'discarded.ndjson');
    const { signal } = new AbortController();
    await reindex(desk, movies, { signal });
    const end = await discard(desk, { pipeline: movies, filter: FIRST_CAUSE, file }, { signal });
    expect(end.discarded).toBe(10);
    expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(10);
    expect(await countLetters(desk.pool, {})).toBe(20);
    expect(await restore(desk, file, signal)).toEqual({ restored: 10, skipped: 0 });
    expect(await restore(desk, file, signal)).toEqual({ restored: 0, skipped: 10 });
    expect(await countLetters(desk.pool, FIRST_CAUSE)).toBe(10);
    expect((await drain(DLQ)).sort()).toEqual(names(30).sort());
    const { rows } = await pipeline.db.query('select action from audit_log order by id');
    expect(rows.map(({ action }: { action: string }) => action)).toEqual([
      'dlq.reindex',
      'dlq.discard',
      'dlq.restore',
      'dlq.restore',
    ]);
  }, 30_000);

  test('an edited letter goes on as a new task that the old one names', async () => {
    await fill(5);
    const desk = await deskOf();
    const { signal } = new AbortController();
    const end = await edit(
      desk,
      { pipeline: movies, id: 'task-2', patch: { year: null, title: 'Gladiator (2000)' } },
      { signal },
    );
    const message = await pipeline.take(ENTRY);
    const body = JSON.parse(message ? message.content.toString() : '{}') as Record<string, unknown>;
    expect(body).toMatchObject({ movie_id: 'm2', title: 'Gladiator (2000)', task_id: end.taskId });
    expect(body).not.toHaveProperty('year');
    expect(await findLetters(desk.pool, 'task-2')).toMatchObject([
      { state: 'edited', replacedBy: end.taskId },
    ]);
    expect(await drain(DLQ)).toEqual(['task-0', 'task-1', 'task-3', 'task-4']);
    const { rows } = await pipeline.db.query("select actor, target from audit_log where action = 'dlq.edit'");
    expect(rows).toEqual([{ actor: 'tester@here', target: 'task-2' }]);
  }, 30_000);

  test('an edit that makes no task of it is refused, and the letter stays', async () => {
    await fill(3);
    const desk = await deskOf();
    const { signal } = new AbortController();
    const editing = edit(desk, { pipeline: movies, id: 'task-1', patch: { title: null } }, { signal });
    await expect(editing).rejects.toThrow('title');
    expect(await drain(DLQ)).toEqual(names(3));
  }, 30_000);

  test('reindexing makes the index of an emptied table again, and marks what is gone', async () => {
    await fill(20);
    const desk = await deskOf();
    const { signal } = new AbortController();
    expect(await reindex(desk, movies, { signal })).toMatchObject({ seen: 20, gone: 0, isComplete: true });
    expect(await countLetters(desk.pool, {})).toBe(20);
    expect(await reindex(desk, movies, { signal })).toMatchObject({ seen: 20, gone: 0 });
    await pipeline.take(DLQ);
    expect(await reindex(desk, movies, { signal })).toMatchObject({ seen: 19, gone: 1 });
    expect(await findLetters(desk.pool, 'task-0')).toMatchObject([{ state: 'gone' }]);
    expect(await drain(DLQ)).toEqual(names(20).slice(1));
  }, 30_000);

  test('the commands say what they did, in text and in JSON, and by their exit codes', async () => {
    await fill(9);
    expect(await enrich('reindex', '--pipeline', 'movies')).toMatchObject({
      code: 0,
      out: 'movies: 9 letters in the queue.\n',
    });
    const groups = JSON.parse((await enrich('groups', '--json')).out) as {
      groups: { group: string; count: number }[];
    };
    expect(groups.groups.map(({ count }) => count)).toEqual([6, 3]);
    const group = groups.groups[1]!.group;
    expect((await enrich('list', '--group', group)).out).toContain('task-6');
    expect(JSON.parse((await enrich('show', 'task-6', '--json')).out)).toMatchObject([
      { id: 'task-6', body: movie(6) },
    ]);
    expect(await enrich('show', 'nobody')).toMatchObject({ code: 5 });
    expect(await enrich('replay')).toMatchObject({ code: 2 });
    expect((await enrich('replay', '--group', group, '--dry-run')).out).toContain('Would replay 3 of 3');
    expect(await pipeline.depth(DLQ)).toBe(9);
    const replayed = await enrich(
      'replay',
      '--pipeline',
      'movies',
      '--group',
      group,
      '--no-canary',
      '--json',
    );
    expect(JSON.parse(replayed.out)).toMatchObject({
      replays: [{ pipeline: 'movies', replayed: 3, complete: true }],
    });
    expect((await enrich('export', '--format', 'csv')).out.trim().split('\n')).toHaveLength(7);
    expect(await enrich('edit', 'task-1', '--patch', '{"title":null}')).toMatchObject({ code: 2 });
  }, 120_000);

  test('letters that nobody has indexed are indexed once the difference has lasted, and are told in metrics', async () => {
    await fill(6);
    const desk = await deskOf();
    const metrics = openMetrics({ version: 'test', service: 'test' });
    const { signal } = new AbortController();
    const watch = new IndexWatch({ desk, metrics, keepDays: 30, signal });
    await watch.check();
    await watch.check();
    expect(await countLetters(desk.pool, {})).toBe(0);
    expect(await metrics.registry.metrics()).toMatch(
      /enrichment_dead_letters_unindexed{pipeline="movies"} 6/,
    );
    await watch.check();
    expect(await countLetters(desk.pool, {})).toBe(6);
    await watch.check();
    expect(await metrics.registry.metrics()).toMatch(
      /enrichment_dead_letters_unindexed{pipeline="movies"} 0/,
    );
    expect(await metrics.registry.metrics()).toMatch(/enrichment_dead_letters_waiting{pipeline="movies"} 6/);
  }, 30_000);

  test('a letter that is twice in its queue is no reason to reindex for ever', async () => {
    await fill(3);
    await fill(3);
    const desk = await deskOf();
    const metrics = openMetrics({ version: 'test', service: 'test' });
    const watch = new IndexWatch({ desk, metrics, keepDays: 30, signal: new AbortController().signal });
    for (let checks = 0; checks < 10; checks++) await watch.check();
    const { rows } = await pipeline.db.query("select from audit_log where action = 'dlq.reindex'");
    expect(rows).toHaveLength(2);
    expect(await pipeline.depth(DLQ)).toBe(6);
  }, 30_000);
});
