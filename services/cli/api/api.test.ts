import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { EXIT, exitCodeOf } from '../exit-code.ts';
import { askJson } from './api.ts';
import { type ApiRefusal, ApiUnreachable } from './api-errors.ts';

let server: Server | undefined;

afterEach(async () => {
  await stop();
});

/** Idempotent. */
async function stop(): Promise<void> {
  const stopped = server;
  server = undefined;
  if (stopped !== undefined) await new Promise((resolve) => stopped.close(resolve));
}

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

const failureOf = async (url: string): Promise<unknown> =>
  askJson({ url, key: 'enr_k' }, '/v1/jobs', z.object({ ok: z.boolean() }), {
    signal: new AbortController().signal,
  }).catch((error: unknown) => error);

test.each([
  [401, EXIT.credentials],
  [403, EXIT.credentials],
  [404, EXIT.notFound],
  [409, EXIT.failure],
  [422, EXIT.usage],
  [429, EXIT.rateLimited],
  [503, EXIT.temporary],
])('a refusal with %d has the exit code %d', async (status, code) => {
  const url = await serve((_request, response) => {
    response.writeHead(status, { 'retry-after': '7' });
    response.end(JSON.stringify({ code: 'x', detail: 'no', instance: 'urn:request:r1' }));
  });
  const error = await failureOf(url);
  expect(exitCodeOf(error)).toBe(code);
  expect((error as ApiRefusal).refusal).toMatchObject({ status, retryAfterSeconds: 7, requestId: 'r1' });
});

test('what a proxy says in HTML is a refusal as well', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(502).end('<html>');
  });
  expect(await failureOf(url)).toMatchObject({ message: 'the API answers 502' });
});

test('an address at which nothing listens is told from an answer that breaks off', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{', () => response.destroy());
  });
  expect(await failureOf(url)).toBeInstanceOf(ApiUnreachable);
  await stop();
  expect(await failureOf(url)).toMatchObject({
    name: 'ApiUnreachable',
    message: `the HTTP API at ${url} does not answer: nothing listens there`,
  });
});

test('the key does not follow a redirect', async () => {
  let visits = 0;
  const url = await serve((_request, response) => {
    visits += 1;
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  expect(await failureOf(url)).toBeInstanceOf(ApiUnreachable);
  expect(visits).toBe(1);
});
