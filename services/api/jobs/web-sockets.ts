/**
 * The same messages over a WebSocket: JSON with `id`, `event` and `data`, then `{"event":"end"}` and a normal close. What a
 * client sends is not read. A browser cannot set headers: it names its key among the protocols, as `key.enr_…`.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Principal } from '../../../shared/access/api-key.ts';
import { findJob } from '../../../shared/postgres/jobs/find-jobs.ts';
import { HttpProblem, PROBLEM_TYPE, problemDocument } from '../http/problem.ts';
import { problemOf } from '../http/problem-of.ts';
import type { Caller } from '../http/identify.ts';
import { reachOf, type Resources } from '../resources.ts';

export interface WebSocketOptions {
  readonly resources: Resources;
  readonly identify: (caller: Caller) => Promise<Principal>;
  readonly stopping: AbortSignal;
}

const PATH = /^\/v1\/jobs\/([0-9a-f-]{36})\/ws$/;
const PROTOCOL = 'enrichment.v1';
const KEY_PROTOCOL = 'key.';
const PING_MS = 15_000;
const MOST_UNREAD_BYTES = 256 * 1024;
const GOING_AWAY = 1001;
const NORMAL = 1000;

/** Answers upgrades of this server. What is refused is answered as every other request is, and then cut. */
export function serveWebSockets(server: Server, options: WebSocketOptions): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 1_024,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A peer that is gone is no reason to end.
    socket.on('error', () => undefined);
    upgrade(request, options).then(
      (place) => {
        sockets.handleUpgrade(request, socket, head, (client) => {
          tellSocket(client, place, options);
        });
      },
      (error: unknown) => {
        refuse(socket, problemOf(error));
      },
    );
  });
}

interface Place {
  readonly jobId: string;
  readonly after: number;
}

async function upgrade(request: IncomingMessage, { resources, identify }: WebSocketOptions): Promise<Place> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, jobId] = PATH.exec(url.pathname) ?? [];
  if (jobId === undefined) throw new HttpProblem('not_found', `${url.pathname} is no WebSocket`);
  const principal = await identify({ headers: headersOf(request), ip: request.socket.remoteAddress ?? '' });
  const job = await findJob(resources.pool, jobId, reachOf(principal));
  if (job === undefined) throw new HttpProblem('not_found', `no job '${jobId}'`);
  const last = Number(url.searchParams.get('last_event_id') ?? -1);
  return { jobId, after: Number.isSafeInteger(last) ? last : -1 };
}

/** The key from the protocols takes the place of the header that a browser cannot send. */
function headersOf({ headers }: IncomingMessage): IncomingMessage['headers'] {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  const key = offered.find((one) => one.startsWith(KEY_PROTOCOL))?.slice(KEY_PROTOCOL.length);
  return headers.authorization !== undefined || key === undefined
    ? headers
    : { ...headers, authorization: `Bearer ${key}` };
}

function tellSocket(
  client: WebSocket,
  { jobId, after }: Place,
  { resources, stopping }: WebSocketOptions,
): void {
  const { watch, metrics } = resources;
  let isAlive = true;
  client.on('pong', () => {
    isAlive = true;
  });
  const ping = setInterval(() => {
    if (!isAlive) client.terminate();
    isAlive = false;
    client.ping();
  }, PING_MS);
  const send = (message: object): void => {
    client.send(JSON.stringify(message));
    if (client.bufferedAmount > MOST_UNREAD_BYTES) client.terminate();
  };
  const leave = (): void => {
    client.close(GOING_AWAY, 'the service is going away: come back');
  };
  const remove = watch.add({
    jobId,
    after,
    tell: ({ sequence, type, data }) => {
      send({ id: sequence, event: type, data });
    },
    end: () => {
      send({ event: 'end', data: {} });
      client.close(NORMAL);
    },
  });
  metrics.httpStreams.inc({ kind: 'ws' });
  stopping.addEventListener('abort', leave, { once: true });
  client.on('error', () => undefined);
  client.once('close', () => {
    clearInterval(ping);
    remove();
    stopping.removeEventListener('abort', leave);
    metrics.httpStreams.dec({ kind: 'ws' });
  });
}

function refuse(socket: Duplex, problem: HttpProblem): void {
  const body = JSON.stringify(problemDocument(problem, 'upgrade'));
  const headers = {
    ...problem.headers,
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${problem.status} refused`, ...lines, '', body].join('\r\n'));
}
