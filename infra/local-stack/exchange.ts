import { createConnection, type Socket } from 'node:net';

/** What a handler made of the bytes so far: it needs more of them, it answered them, or the exchange is complete. */
export type Progress = 'more' | 'answered' | 'done';

export interface ExchangeOptions {
  readonly port: number;
  readonly timeoutMs: number;
  /** What the client says first. */
  readonly opening: Buffer;
}

/**
 * One short conversation over TCP with the server of a URL. `onData` gets all bytes since the last answer. Throws when the server
 * refuses, closes early, or has not completed it in time; the socket is closed in every case.
 */
export async function exchange(
  url: string,
  options: ExchangeOptions,
  onData: (socket: Socket, received: Buffer) => Progress,
): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = createConnection({ host: hostname, port: port === '' ? options.port : Number(port) });
  const timer = setTimeout(() => {
    socket.destroy(new Error(`no answer within ${options.timeoutMs} ms`));
  }, options.timeoutMs);
  try {
    await new Promise<void>((resolve, reject) => {
      let received = Buffer.alloc(0);
      socket.once('connect', () => socket.write(options.opening));
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        try {
          const progress = onData(socket, received);
          if (progress === 'done') resolve();
          if (progress === 'answered') received = Buffer.alloc(0);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
      socket.once('error', reject);
      socket.once('close', () => {
        reject(new Error('closed the connection'));
      });
    });
  } finally {
    clearTimeout(timer);
    socket.end();
    socket.destroySoon();
  }
}
