import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import type { DeliveryFault, Fault } from './faults.ts';
import type { Reply } from './protocol.ts';

const HTML = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';
const SLOW_PIECES = 8;

const bodyOf = ({ body }: Reply): Buffer =>
  Buffer.from(typeof body === 'string' ? body : JSON.stringify(body), 'utf8');

/** Sends the reply whole. */
export function deliver(response: ServerResponse, reply: Reply): void {
  const body = bodyOf(reply);
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length });
  response.end(body);
}

type Broken = (response: ServerResponse, reply: Reply, fault: Fault) => Promise<void> | void;

async function slowly(response: ServerResponse, reply: Reply, { ms }: Fault): Promise<void> {
  const body = bodyOf(reply);
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length });
  const size = Math.ceil(body.length / SLOW_PIECES);
  for (let at = 0; at < body.length && !response.destroyed; at += size) {
    await delay(ms / SLOW_PIECES);
    response.write(body.subarray(at, at + size));
  }
  response.end();
}

/** A valid answer that is far too long: blanks after the JSON change nothing but its size. */
async function oversized(response: ServerResponse, reply: Reply, { bytes }: Fault): Promise<void> {
  const filler = Buffer.alloc(65_536, ' ');
  response.writeHead(reply.status, reply.headers);
  function* pieces(): Generator<Buffer> {
    yield bodyOf(reply);
    for (let sent = 0; sent < bytes; sent += filler.length) yield filler;
  }
  // A client with a size cap hangs up on the way, which is what it should do.
  await pipeline(pieces, response).catch(() => undefined);
}

const BROKEN: Readonly<Record<DeliveryFault, Broken>> = {
  // The request is held until the client gives up and closes the connection.
  hang: () => undefined,
  reset_before_headers: (response) => {
    response.socket?.resetAndDestroy();
  },
  reset_in_body: (response, reply) => {
    const body = bodyOf(reply);
    response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length });
    response.write(body.subarray(0, body.length / 2), () => response.socket?.resetAndDestroy());
  },
  truncated: (response, reply) => {
    const body = bodyOf(reply);
    deliver(response, { ...reply, body: body.subarray(0, Math.floor(body.length * 0.7)).toString('utf8') });
  },
  html: (response) => {
    deliver(response, { status: 200, headers: { 'content-type': 'text/html' }, body: HTML });
  },
  gzip_error: (response, reply) => {
    deliver(response, { ...reply, headers: { ...reply.headers, 'content-encoding': 'gzip' } });
  },
  slow_body: slowly,
  oversize: oversized,
};

/** Sends the reply in a broken way; ends when the last byte is out, or there will be none. */
export async function deliverBroken(
  response: ServerResponse,
  reply: Reply,
  fault: Fault & { kind: DeliveryFault },
): Promise<void> {
  await BROKEN[fault.kind](response, reply, fault);
}
