import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { ProviderError } from '../task/provider-error.ts';
import { fetchApi, type FetchInit } from './fetch-json.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const init: FetchInit = { method: 'GET', headers: {}, timeoutMs: 5_000, provider: 'example' };
const never = new AbortController().signal;
let server: Server;
let base: string;
let handler: Handler;
const seen: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const get = (path: string, changes: Partial<FetchInit> = {}, signal = never) => {
  seen.length = 0;
  return fetchApi(new URL(path, base), { ...init, ...changes }, signal);
};
const fault = async (promise: Promise<unknown>): Promise<ProviderError> => {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (!(error instanceof ProviderError)) throw new Error('no ProviderError', { cause: error });
  return error;
};
const redirect =
  (status: number, location: string): Handler =>
  (_request, response) => {
    response.writeHead(status, { location }).end();
  };

describe('fetchApi', () => {
  it('hands on any status with its headers, its text and its JSON', async () => {
    handler = (_request, response) => {
      response.writeHead(404, { 'content-type': 'text/html', 'x-own': '1' }).end('{"é":[1]}');
    };
    const answer = await get('/x');
    expect(answer).toMatchObject({ status: 404, text: '{"é":[1]}', json: { é: [1] } });
    expect(answer.headers.get('x-own')).toBe('1');
  });

  it('leaves json undefined for what is no JSON', async () => {
    handler = (_request, response) => response.writeHead(200).end('nothing to see');
    expect((await get('/x')).json).toBeUndefined();
  });

  it('counts the bytes after decompression: a small body can be a large one', async () => {
    const bomb = gzipSync(Buffer.alloc(2_000_000, 0x20));
    expect(bomb.length).toBeLessThan(10_000);
    handler = (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    };
    const error = await fault(get('/x', { maxBytes: 1_000_000 }));
    expect(error.kind).toBe('contract');
    expect(error.message).toContain('1000000 bytes');
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('asks for %s and reads it', async (encoding, compress) => {
    let asked: unknown;
    handler = (request, response) => {
      asked = request.headers['accept-encoding'];
      response.writeHead(200, { 'content-encoding': encoding }).end(compress('{"é":1}'));
    };
    expect((await get('/x')).json).toEqual({ é: 1 });
    expect(String(asked).split(', ')).toContain(encoding);
  });

  it('takes broken compression for a transient fault', async () => {
    handler = (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('this is not gzip');
    };
    expect((await fault(get('/x'))).kind).toBe('unavailable');
  });

  it('follows redirects within the host', async () => {
    handler = (request, response) => {
      if (request.url === '/old?a=1') redirect(301, '/new?a=1')(request, response);
      else response.end('{"ok":true}');
    };
    expect((await get('/old?a=1')).json).toEqual({ ok: true });
    expect(seen).toEqual(['GET /old?a=1', 'GET /new?a=1']);
  });

  it('gives up after five redirects', async () => {
    handler = redirect(302, '/again');
    expect((await fault(get('/x'))).message).toContain('more than 5 times');
    expect(seen).toHaveLength(6);
  });

  it.each(['https://127.0.0.1/x', '//localhost:1/x', 'http://[bad', 'file:///etc/hosts'])(
    'does not follow a redirect to %s',
    async (location) => {
      handler = redirect(307, location);
      expect((await fault(get('/x'))).kind).toBe('unavailable');
      expect(seen).toHaveLength(1);
    },
  );

  it('follows a redirect to a host that the provider names, and sends it no credential', async () => {
    const other = new URL(base.replace('127.0.0.1', 'localhost'));
    const sent: IncomingMessage['headers'][] = [];
    handler = (request, response) => {
      sent.push(request.headers);
      if (request.url === '/x') redirect(307, new URL('/y', other).href)(request, response);
      else if (request.url === '/y') redirect(302, new URL('/z', base).href)(request, response);
      else response.end('{"ok":true}');
    };
    const headers = {
      Authorization: 'Bearer hidden',
      'x-key': 'hidden',
      'User-Agent': 'tests/1.0',
      accept: 'a/b',
    };
    const answer = await get('/x', { headers, redirectHosts: [other.host] });
    expect(answer.json).toEqual({ ok: true });
    const [own, elsewhere, back] = sent;
    expect(own).toMatchObject({ authorization: 'Bearer hidden', 'x-key': 'hidden' });
    expect(elsewhere).toMatchObject({ host: other.host, 'user-agent': 'tests/1.0', accept: 'a/b' });
    expect(JSON.stringify(elsewhere)).not.toContain('hidden');
    expect(back).toMatchObject({ authorization: 'Bearer hidden' });
  });

  it.each([
    ['a host below it, where the name is that of one host', 'localhost', 'http://a.localhost/'],
    ['a host whose name only ends alike', '*.localhost', 'http://notlocalhost/'],
    ['the host itself, where those below it are named', '*.localhost', 'http://localhost/'],
    ['another port of it', 'localhost', 'http://localhost:8/'],
    ['a name and a password', 'localhost', 'http://user:secret@localhost/'],
    ['another scheme', 'localhost', 'ftp://localhost/'],
  ])('does not follow a redirect to %s', async (_what, host, location) => {
    handler = redirect(307, location);
    const error = await fault(get('/x', { redirectHosts: [host] }));
    expect(error.message).toContain('another host');
    expect(seen).toHaveLength(1);
  });

  it('does not repeat a POST at another address', async () => {
    handler = redirect(308, '/other');
    expect((await fault(get('/x', { method: 'POST', body: 'a=1' }))).message).toContain('redirected a POST');
    expect(seen).toEqual(['POST /x']);
  });

  it('names host and path in a fault, and nothing of the query', async () => {
    handler = (request) => request.socket.destroy();
    const error = await fault(get('/path?api_key=hidden'));
    expect(error.message).toMatch(/^example: GET 127\.0\.0\.1:\d+\/path: /);
    expect(error.message).not.toContain('hidden');
  });

  it('names what the network said', async () => {
    const error = await fault(fetchApi(new URL('http://127.0.0.1:1/x'), init, never));
    expect(error.kind).toBe('unavailable');
    expect(error.message.endsWith('fetch failed')).toBe(false);
  });

  it('tells when the request has left, and that of no connection never', async () => {
    const told: string[] = [];
    handler = (_request, response) => {
      told.push('arrived');
      response.end('{}');
    };
    const onSent = (): void => {
      told.push('sent');
    };
    await get('/x', { onSent });
    expect(told.sort()).toEqual(['arrived', 'sent']);
    await fault(fetchApi(new URL('http://127.0.0.1:1/x'), { ...init, onSent }, never));
    expect(told).toHaveLength(2);
  });

  it('does not even connect when the caller has stopped already', async () => {
    const stop = new AbortController();
    stop.abort(new Error('stopped before'));
    await expect(get('/x', {}, stop.signal)).rejects.toThrow('stopped before');
    expect(seen).toEqual([]);
  });

  it('rejects with the reason of the caller while a body is read', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    handler = (_request, response) => {
      response.writeHead(200).write('{', () => {
        stop.abort(reason);
      });
    };
    await expect(get('/x', {}, stop.signal)).rejects.toBe(reason);
  });

  it('keeps connections for the next exchanges', async () => {
    const sockets = new Set<unknown>();
    handler = (request, response) => {
      sockets.add(request.socket);
      response.end('{}');
    };
    for (let count = 0; count < 10; count++) await get('/x');
    // A connection may be taken again before the last one is handed back, hence two.
    expect(sockets.size).toBeLessThan(3);
  });
});
