/** Jobs as a client has them: submitted, watched, steered and fetched over HTTP, enriched by the real processes. */
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { eventually } from '../harness.ts';
import { openTestPipeline, type TestPipeline } from '../pipeline.ts';
import { startWork } from './start-work.ts';
import { openTestApi, type TestApi } from './test-api.ts';

const LONG = { timeoutMs: 40_000 };
const CSV = { 'content-type': 'text/csv' };

let pipeline: TestPipeline;
let api: TestApi;
/** A second replica: every job is served by every one. */
let other: TestApi;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  pipeline = await openTestPipeline();
  api = await openTestApi(pipeline);
  other = await openTestApi(pipeline);
});

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  expect(api.undocumented).toEqual([]);
});

afterAll(async () => {
  await other.close();
  await api.close();
  await pipeline.close();
});

interface Submitted {
  readonly id: string;
  readonly status: string;
  readonly rows: number;
  readonly is_new: boolean;
  readonly known_by: string | null;
  readonly counts: Record<string, number>;
  readonly rejected_rows: readonly { line: number; field: string; value: string; reason: string }[];
}

let files = 0;
/** Movies that no other test has. */
const csvOf = (count: number, broken = ''): string => {
  const name = `Film ${++files}`;
  const rows = Array.from({ length: count }, (_, index) => `${name} part ${index},1999`);
  return `Title,Year\n${rows.join('\n')}\n${broken}`;
};

const movies = (csv: string, path = '/v1/jobs?pipeline=movies', headers: Record<string, string> = {}) =>
  api.ask(path, { method: 'POST', body: csv, headers: { ...CSV, ...headers } });

const submitted = async (response: Response, status = 202): Promise<Submitted> => {
  const text = await response.text();
  expect({ status: response.status, text }).toEqual({ status, text });
  return JSON.parse(text) as Submitted;
};

test('an upload is answered with its job, its rejected rows and where to go on', async () => {
  const response = await movies(csvOf(3, ',1999\nNo year,soon\n'));
  const job = await submitted(response);
  expect(response.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
  expect(job).toMatchObject({
    status: 'queued',
    rows: 5,
    is_new: true,
    counts: { total: 3, rejected: 2, queued: 3 },
  });
  expect(job.rejected_rows).toEqual([
    expect.objectContaining({ line: 5, field: 'title' }),
    expect.objectContaining({ line: 6, field: 'year', value: 'soon' }),
  ]);
  const rejects = await api.ask(`/v1/jobs/${job.id}/rejects`);
  expect(rejects.headers.get('content-type')).toContain('text/csv');
  expect(await rejects.text()).toMatch(/^Title,Year,rejected_line.*\n,1999,5,title,/);
});

test('records come as JSON, lines or a form as well', async () => {
  const record = { title: `Film ${++files}`, year: 1999 };
  const json = await submitted(
    await api.ask('/v1/jobs', { body: { pipeline: 'movies', label: 'j', records: [record] } }),
  );
  expect(json).toMatchObject({ label: 'j', rows: 1 });
  const lines = `${JSON.stringify({ title: `Film ${++files}` })}\n`;
  const headers = { 'content-type': 'application/x-ndjson' };
  const ndjson = await submitted(await movies(lines, '/v1/jobs?pipeline=movies&lane=backlog', headers));
  expect(ndjson).toMatchObject({ lane: 'backlog', priority: 3, rows: 1 });
  const form = new FormData();
  form.append('file', new Blob([csvOf(2)], { type: 'text/csv' }), 'movies.csv');
  expect(
    await submitted(await api.ask('/v1/jobs?pipeline=movies', { method: 'POST', body: form })),
  ).toMatchObject({
    rows: 2,
  });
});

test('the same key is the same job, other content under it is refused, and the same file is known by its content', async () => {
  const csv = csvOf(2);
  const key = { 'idempotency-key': `"upload-${files}"` };
  const first = await submitted(await movies(csv, undefined, key));
  const again = await movies(csv, undefined, key);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(await submitted(again, 200)).toMatchObject({ id: first.id, is_new: false, known_by: 'key' });
  const reused = await movies(csvOf(2), undefined, key);
  expect(reused.status).toBe(422);
  expect(await reused.json()).toMatchObject({ code: 'idempotency_key_reused' });
  expect(await submitted(await movies(csv), 200)).toMatchObject({ id: first.id, known_by: 'content' });
  const forced = await submitted(await movies(csv, '/v1/jobs?pipeline=movies&force=1'));
  expect(forced.id).not.toBe(first.id);
});

test('an upload that breaks off is taken up by its key, and leaves nothing without one', async () => {
  const csv = csvOf(2_000);
  const send = async (headers: Record<string, string>): Promise<void> => {
    const gone = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(Buffer.from(csv.slice(0, csv.length / 2)));
        await delay(200);
        gone.abort();
      },
    });
    const init = { method: 'POST', body, duplex: 'half', signal: gone.signal } as RequestInit;
    const authorization = `Bearer ${api.keys.operator}`;
    await expect(
      fetch(`${api.url}/v1/jobs?pipeline=movies`, {
        ...init,
        headers: { ...CSV, ...headers, authorization },
      }),
    ).rejects.toThrow();
  };
  const key = { 'idempotency-key': `"broken-${files}"` };
  await send(key);
  await send({});
  const receiving = async (): Promise<Submitted[]> =>
    (await api.json<{ data: Submitted[] }>('/v1/jobs?status=receiving')).data;
  await eventually(async () => {
    expect(await receiving()).toHaveLength(1);
  });
  // Nobody waits for a minute here: the time in which the first upload might still come on is over.
  await pipeline.db.query(
    `update background_jobs set receiving_until = now() - interval '1 s' where status = 'receiving'`,
  );
  const [left] = await receiving();
  const job = await submitted(await movies(csv, undefined, key));
  expect(job).toMatchObject({ id: left?.id, rows: 2_000, counts: { total: 2_000 } });
});

test('a dry run says what it would come to, and makes no job', async () => {
  const before = await api.json<{ data: unknown[] }>('/v1/jobs?limit=200');
  const found = await movies(csvOf(3, ',1\n'), '/v1/jobs?pipeline=movies&dry_run=1');
  expect(await found.json()).toMatchObject({ dry_run: true, rows: 4, rejected: 1, requests: { tmdb: 3 } });
  expect((await api.json<{ data: unknown[] }>('/v1/jobs?limit=200')).data).toHaveLength(before.data.length);
});

test('a job is paused, given another priority, resumed, cancelled and deleted; what makes no sense is a conflict', async () => {
  const { id } = await submitted(await movies(csvOf(2)));
  const act = (name: string, status = 202) => api.json(`/v1/jobs/${id}/${name}`, { method: 'POST', status });
  expect(await act('pause')).toMatchObject({ status: 'paused' });
  expect(await act('pause')).toMatchObject({ status: 'paused' });
  const body = { priority: 9 };
  expect(await api.json(`/v1/jobs/${id}/priority`, { method: 'PUT', body, status: 202 })).toMatchObject(body);
  expect(await api.ask(`/v1/jobs/${id}`, { method: 'DELETE' })).toMatchObject({ status: 409 });
  expect(await act('resume')).toMatchObject({ status: 'queued' });
  expect(await act('cancel')).toMatchObject({ status: 'cancelling' });
  await act('resume', 409);
  stops.push(await startWork(pipeline));
  await eventually(async () => {
    expect(await api.json(`/v1/jobs/${id}`)).toMatchObject({ status: 'cancelled', counts: { cancelled: 2 } });
  }, LONG);
  expect(await api.ask(`/v1/jobs/${id}`, { method: 'DELETE' })).toMatchObject({ status: 204 });
  await api.json(`/v1/jobs/${id}`, { status: 404 });
}, 90_000);

interface Told {
  readonly id: number;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** The messages of a stream, until it ends. */
async function told(response: Response): Promise<Told[]> {
  const blocks = (await response.text()).split('\n\n').filter((block) => block.includes('event: '));
  return blocks.map((block) => {
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
    return {
      id: Number(field('id')),
      event: field('event'),
      data: JSON.parse(field('data')) as Told['data'],
    };
  });
}

test('a job is watched to its end at two replicas alike, goes on after the last message, and its results are fetched', async () => {
  const titles = ['Jurassic Park', 'Gladiator', 'Titanic', 'No such film at all'];
  const csv = `Title\n${titles.join('\n')}\n`;
  const job = await submitted(await movies(csv));
  const watching = [api, other].map(async (replica) => {
    const response = await replica.ask(`/v1/jobs/${job.id}/events`);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream\b/);
    return told(response);
  });
  const messages: { event: string; id?: number }[] = [];
  const socket = new WebSocket(`${other.url.replace('http', 'ws')}/v1/jobs/${job.id}/ws`, [
    'enrichment.v1',
    `key.${api.keys.viewer}`,
  ]);
  socket.on('message', (data: Buffer) =>
    messages.push(JSON.parse(data.toString()) as (typeof messages)[number]),
  );
  const closed = new Promise((resolve) => socket.once('close', resolve));
  stops.push(await startWork(pipeline));
  const [here = [], there = []] = await Promise.all(watching);
  await closed;
  for (const stream of [here, there]) {
    expect(stream.at(-1)?.event).toBe('end');
    expect(stream.filter(({ event }) => event === 'job.completed')).toHaveLength(1);
    const ids = stream.slice(0, -1).map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  }
  const end = (stream: Told[]) => stream.find(({ event }) => event === 'job.completed');
  expect(end(here)).toEqual(end(there));
  expect(messages.at(-1)?.event).toBe('end');
  expect(messages.find(({ event }) => event === 'job.completed')?.id).toBe(end(here)?.id);

  const first = here[0]?.id ?? 0;
  const later = await told(
    await other.ask(`/v1/jobs/${job.id}/events`, { headers: { 'last-event-id': String(first) } }),
  );
  expect(later.some(({ id }) => id > 0 && id <= first)).toBe(false);
  expect(later.map(({ event }) => event)).toContain('job.completed');
  const last = String(Math.max(...here.slice(0, -1).map(({ id }) => id)));
  const done = await api.ask(`/v1/jobs/${job.id}/events`, { headers: { 'last-event-id': last } });
  expect(done.status).toBe(204);

  const found = await api.json<{
    counts: Record<string, number>;
    data: Record<string, unknown>[];
    fill_rate: object;
  }>(`/v1/jobs/${job.id}/results`);
  expect(found.data.map(({ submitted: record }) => (record as { title: string }).title)).toEqual(titles);
  expect(found.fill_rate).toMatchObject({ title: 1 });
  const lines = (await (await api.ask(`/v1/jobs/${job.id}/results?format=ndjson`)).text()).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(found.data);
  const csvText = await (await api.ask(`/v1/jobs/${job.id}/results?format=csv`)).text();
  expect(csvText.split('\n')).toHaveLength(titles.length + 2);

  const tasks = await api.json<{ data: { id: string; status: string; timeline: unknown[] }[] }>(
    `/v1/jobs/${job.id}/tasks?limit=2`,
  );
  const task = await api.json<{ timeline: unknown[] }>(`/v1/tasks/${tasks.data[0]!.id}`);
  expect(task.timeline.length).toBeGreaterThan(0);
  const status = await api.ask(`/v1/jobs/${job.id}/status`);
  expect(await status.clone().json()).toMatchObject({ progress_percent: 100, eta_s: 0 });
  const etag = status.headers.get('etag') ?? '';
  expect((await api.ask(`/v1/jobs/${job.id}/status`, { headers: { 'if-none-match': etag } })).status).toBe(
    304,
  );
}, 120_000);

test('one record is enriched while the caller waits, and becomes a job when it takes longer', async () => {
  const record = { title: 'Jurassic Park', year: 1993 };
  const impatient = await api.ask('/v1/enrich', {
    body: { pipeline: 'movies', record },
    headers: { prefer: 'wait=0' },
  });
  expect(impatient.status).toBe(202);
  expect(impatient.headers.get('location')).toMatch(/^\/v1\/jobs\//);
  stops.push(await startWork(pipeline));
  const waited = await api.ask('/v1/enrich', {
    body: { pipeline: 'movies', record },
    headers: { prefer: 'wait=30' },
  });
  expect(await waited.json()).toMatchObject({
    task: { status: 'enriched' },
    result: { enriched: { title: 'Jurassic Park' } },
  });
  expect(waited.status).toBe(200);
  const bad = await api.ask('/v1/enrich', { body: { pipeline: 'movies', record: { year: 'soon' } } });
  expect(await bad.json()).toMatchObject({
    code: 'invalid_body',
    errors: [{ pointer: '/record/title' }, { pointer: '/record/year' }],
  });
}, 90_000);

test('jobs are listed in pages, and each owner sees its own', async () => {
  const label = `pages-${++files}`;
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) {
    ids.unshift((await submitted(await movies(csvOf(1), `/v1/jobs?pipeline=movies&label=${label}`))).id);
  }
  const page = await api.json<{ data: Submitted[]; next_cursor: string }>(`/v1/jobs?label=${label}&limit=2`);
  const rest = await api.json<{ data: Submitted[]; next_cursor: null }>(
    `/v1/jobs?label=${label}&limit=2&cursor=${page.next_cursor}`,
  );
  expect([...page.data, ...rest.data].map(({ id }) => id)).toEqual(ids);
  expect(rest.next_cursor).toBeNull();
  expect(await api.json('/v1/jobs', { as: 'stranger' })).toEqual({ data: [], next_cursor: null });
  for (const path of ['', '/status', '/tasks', '/results', '/rejects', '/events', '/ws']) {
    await api.json(`/v1/jobs/${ids[0]}${path}`, { as: 'stranger', status: 404 });
  }
  expect((await api.ask(`/v1/jobs/${ids[0]}/cancel`, { as: 'stranger', method: 'POST' })).status).toBe(404);
  const usage = await api.json<{ data: { owner: string; jobs: number }[] }>('/v1/usage');
  expect(new Set(usage.data.map(({ owner }) => owner))).toEqual(new Set(['shop']));
});
