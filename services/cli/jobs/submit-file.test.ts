import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { openInput } from '../../../shared/input/open-input.ts';
import { ApiRefusal, ApiUnreachable } from '../api/api-errors.ts';
import { submitFile, type JobOptions } from './submit-file.ts';
import type { SubmittedView } from './job-view.ts';
import { sampleJob } from './samples.ts';

const CSV = `title,year\n${'Gladiator,2000\n'.repeat(5_000)}`;

const JOB: SubmittedView = {
  ...sampleJob({ status: 'queued', eta_s: null }),
  rows: 5_000,
  is_new: true,
  rejected_rows: [],
};

interface Received {
  readonly key: string;
  readonly body: string;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let received: Received[];

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** The n-th upload is answered by the n-th; `received` has those that came whole. */
async function serve(...script: readonly Answer[]): Promise<string> {
  let count = 0;
  received = [];
  server = createServer((request, response) => {
    script[Math.min(count++, script.length - 1)]?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const accept: Answer = (request, response) => {
  void text(request).then((body) => {
    received.push({ key: request.headers['idempotency-key'] as string, body });
    response.writeHead(202).end(JSON.stringify(JOB));
  });
};

const refuse =
  (status: number, code: string, headers: Record<string, string> = {}): Answer =>
  (request, response) => {
    request.resume().once('end', () => response.writeHead(status, headers).end(JSON.stringify({ code })));
  };

/** All of it has come, and then the API is gone without a word. */
const breakOff: Answer = (request, response) => {
  request.resume().once('end', () => response.destroy());
};

async function submit(
  url: string,
  options: JobOptions = {},
  isForced = false,
): Promise<[SubmittedView, Error[]]> {
  const broken: Error[] = [];
  const input = await openInput('-', { stdin: Readable.from([Buffer.from(CSV)]), isRewindable: true });
  const job = await submitFile(
    { url, key: 'enr_k' },
    {
      input,
      file: 'my films.csv',
      options,
      isForced,
      signal: new AbortController().signal,
      onSent: () => undefined,
      onBroken: (error) => broken.push(error),
    },
  );
  return [job, broken];
}

test('an upload that breaks off is sent again, whole and under the same key', async () => {
  const keys: unknown[] = [];
  const url = await serve((request, response) => {
    keys.push(request.headers['idempotency-key']);
    breakOff(request, response);
  }, accept);
  const [job, broken] = await submit(url);
  expect(job.id).toBe('j1');
  expect(broken).toHaveLength(1);
  expect(received[0]?.body).toContain(CSV);
  expect(received[0]?.body).toContain('filename="my_films.csv"');
  expect(keys).toEqual([received[0]?.key]);
});

test('while the first upload is still held, it waits as long as the API asks for', async () => {
  const url = await serve(refuse(409, 'submission_running', { 'retry-after': '1' }), accept);
  const [, broken] = await submit(url);
  expect(broken).toHaveLength(1);
  expect(received).toHaveLength(1);
});

test('the key is that of content and options; a forced submission has one of its own', async () => {
  const url = await serve(accept);
  for (const options of [{}, {}, { label: 'friday', lane: undefined }, { label: 'friday' }])
    await submit(url, options);
  await submit(url, {}, true);
  const [first, second, third, fourth, forced] = received.map(({ key }) => key);
  expect(second).toBe(first);
  expect(fourth).toBe(third);
  expect(new Set([first, third, forced]).size).toBe(3);
});

test('what the API refuses is not sent again, and where nobody listens is said at once', async () => {
  const url = await serve(refuse(422, 'invalid_body'));
  await expect(submit(url)).rejects.toBeInstanceOf(ApiRefusal);
  await expect(submit('http://127.0.0.1:1')).rejects.toBeInstanceOf(ApiUnreachable);
});
