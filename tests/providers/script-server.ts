import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SampleExchange, SampleReply } from '../../shared/providers/samples.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server on a free local port that answers from a script and writes down what it was asked. */
export interface ScriptServer {
  readonly url: string;
  /** `GET /path?query`, in order, without those that are always answered. */
  readonly requests: readonly string[];
  /** Of all requests. */
  readonly userAgents: ReadonlySet<string>;
  /** Header mismatches and requests that the script does not foresee. */
  readonly surprises: readonly string[];
  /** Starts over with this script. */
  play(exchanges: readonly SampleExchange[], always?: readonly SampleExchange[]): void;
  /** Starts over; every request but those of `always` gets this answer. */
  answer(answer: Answer, always?: readonly SampleExchange[]): void;
  close(): Promise<void>;
}

interface State {
  requests: string[];
  userAgents: Set<string>;
  surprises: string[];
  always: readonly SampleExchange[];
  answer: Answer;
}

export async function openScriptServer(): Promise<ScriptServer> {
  const state: State = {
    requests: [],
    userAgents: new Set(),
    surprises: [],
    always: [],
    answer: unforeseen,
  };
  const server = createServer((request, response) => {
    serve(state, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const start = (answer: Answer, always: readonly SampleExchange[]) => {
    Object.assign(state, {
      requests: [],
      userAgents: new Set(),
      surprises: [],
      always,
      answer,
    });
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return state.requests;
    },
    get userAgents() {
      return state.userAgents;
    },
    get surprises() {
      return state.surprises;
    },
    play(exchanges, always = []) {
      start((request, response) => {
        const exchange = exchanges[state.requests.length - 1];
        if (exchange === undefined) state.surprises.push(`unforeseen ${nameOf(request)}`);
        replyTo(state, exchange, request, response);
      }, always);
    },
    answer(answer, always = []) {
      start(answer, always);
    },
    close: () => close(server),
  };
}

function serve(state: State, request: IncomingMessage, response: ServerResponse): void {
  const name = nameOf(request);
  const standing = state.always.find((exchange) => exchange.request === name);
  state.userAgents.add(request.headers['user-agent'] ?? '');
  request.resume();
  if (standing !== undefined) {
    replyTo(state, standing, request, response);
    return;
  }
  state.requests.push(name);
  state.answer(request, response);
}

function replyTo(
  state: State,
  exchange: SampleExchange | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  for (const [header, value] of Object.entries(exchange?.requires ?? {})) {
    const sent = request.headers[header];
    if (sent !== value) state.surprises.push(`${nameOf(request)} has ${header} '${String(sent)}'`);
  }
  if (exchange === undefined) unforeseen(request, response);
  else send(response, exchange.reply);
}

export function send(response: ServerResponse, reply: SampleReply): void {
  const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
  response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
  response.end(body);
}

const unforeseen: Answer = (_request, response) => {
  send(response, { status: 418, body: {} });
};

const nameOf = (request: IncomingMessage): string => `${request.method ?? ''} ${request.url ?? ''}`;

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
