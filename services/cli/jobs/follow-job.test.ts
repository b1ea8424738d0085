import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ApiRefusal, ApiUnreachable } from '../api/api-errors.ts';
import { ProgressLine } from '../progress-line.ts';
import { followJob } from './follow-job.ts';
import { watchJob } from './watch-job.ts';

const servers: Server[] = [];
const { signal } = new AbortController();

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** The n-th request is answered by the n-th listener, and by the last one from then on. */
async function serve(...script: readonly RequestListener[]): Promise<{ url: string; key: string }> {
  let count = 0;
  const server = createServer((request, response) => {
    script[Math.min(count++, script.length - 1)]?.(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: 'enr_k' };
}

const message = (id: number, event = 'job.progress', data: object = { id }): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const END = 'event: end\ndata: {}\n\n';
const STREAM = { 'content-type': 'text/event-stream' };

interface Followed {
  readonly ids: (string | undefined)[];
  readonly lost: string[];
}

async function follow(address: { url: string; key: string }): Promise<Followed> {
  const [ids, lost]: [(string | undefined)[], string[]] = [[], []];
  const options = { jobId: 'j1', signal, onLost: ({ message: why }: Error) => lost.push(why) };
  for await (const { id } of followJob(address, options)) ids.push(id);
  return { ids, lost };
}

test('a connection that breaks is taken up after the last event: each is told once, in order', async () => {
  const asked: (string | string[] | undefined)[] = [];
  const address = await serve(
    ({ headers }, response) => {
      asked.push(headers['last-event-id']);
      response.writeHead(200, STREAM).write(message(3) + message(7), () => response.destroy());
    },
    ({ headers }, response) => {
      asked.push(headers['last-event-id']);
      response.writeHead(200, STREAM).end(message(9) + END);
    },
  );
  const { ids, lost } = await follow(address);
  expect(ids).toEqual(['3', '7', '9']);
  expect(asked).toEqual([undefined, '7']);
  expect(lost).toHaveLength(1);
});

test('a stream of a process that stops is gone on with at another one, and 204 is the end', async () => {
  const address = await serve(
    (_, response) => response.writeHead(200, STREAM).end(message(1)),
    (_, response) => response.writeHead(204).end(),
  );
  expect(await follow(address)).toEqual({ ids: ['1'], lost: [] });
});

test('an API that is away after something was heard is waited for, one that refuses is not', async () => {
  const address = await serve(
    (_, response) => response.writeHead(200, STREAM).end(message(1)),
    (_, response) => response.writeHead(503).end('{}'),
    (_, response) => response.writeHead(404).end('{}'),
  );
  const lost: string[] = [];
  const events = followJob(address, { jobId: 'j1', signal, onLost: ({ message: why }) => lost.push(why) });
  const all = async (): Promise<void> => {
    for await (const { id } of events) expect(id).toBe('1');
  };
  await expect(all()).rejects.toBeInstanceOf(ApiRefusal);
  expect(lost).toHaveLength(1);
});

test('where nobody has ever answered there is nothing to wait for', async () => {
  const address = await serve((_, response) => response.destroy());
  await expect(follow(address)).rejects.toBeInstanceOf(ApiUnreachable);
});

const job = (status: string, settled: number): object => ({
  id: 'j1',
  status,
  progress_percent: settled * 50,
  counts: {
    total: 2,
    processed: settled,
    failed: 0,
    enriched: settled,
    not_found: 0,
    ambiguous: 0,
    cancelled: 0,
    running: 2 - settled,
    queued: 0,
    rejected: 0,
    duplicates: 0,
  },
  rate_per_s: settled,
  eta_s: 2 - settled,
  pipeline: 'movies',
  owner: 'ann',
  lane: 'priority',
  priority: 5,
  label: null,
  requests: 2,
  cost_usd: 0,
  error: null,
  created_at: '2026-01-01T00:00:00Z',
  started_at: null,
  ended_at: null,
});

test('where nothing is drawn, watching writes a line for each status, and gives the job as it ended', async () => {
  const address = await serve(
    (_, response) => response.end(JSON.stringify(job('queued', 0))),
    (_, response) =>
      response
        .writeHead(200, STREAM)
        .end(
          message(1, 'job.progress', job('running', 0)) +
            message(2, 'job.progress', job('running', 1)) +
            message(3, 'job.progress', job('completed', 2)) +
            message(3, 'job.completed') +
            END,
        ),
    (_, response) => response.end(JSON.stringify(job('completed', 2))),
  );
  const stderr = new PassThrough();
  const said = text(stderr);
  const progress = new ProgressLine({ stream: stderr, isShown: false, unit: 'tasks' });
  const ended = await watchJob(address, { jobId: 'j1', signal, stderr, isAnimated: false, progress });
  stderr.end();
  expect(ended).toMatchObject({ status: 'completed', counts: { enriched: 2 } });
  expect(await said).toBe('running  0 % of 2  none yet\ncompleted  100 % of 2  2 enriched  2/s\n');
});
