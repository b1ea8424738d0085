/** A receiver of webhooks on this machine, which keeps what it is told. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ReceiverAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Receiver {
  readonly url: string;
  readonly requests: readonly ReceivedMessage[];
  /** Of the next requests, in order; then 204. */
  readonly answers: ReceiverAnswer[];
  /** Answers nothing from now on. */
  hold(): void;
  close(): Promise<void>;
}

export async function openReceiver(): Promise<Receiver> {
  const requests: ReceivedMessage[] = [];
  const answers: ReceiverAnswer[] = [];
  let isHolding = false;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      requests.push({ headers: request.headers as Record<string, string>, body });
      if (isHolding) return;
      const { status, headers = {} } = answers.shift() ?? { status: 204 };
      response.writeHead(status, headers).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    requests,
    answers,
    hold: () => {
      isHolding = true;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
