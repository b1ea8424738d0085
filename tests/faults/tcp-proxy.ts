/** Between a client and a server, everything that a network can do to a connection, switched at run time. */
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

type Direction = 'toServer' | 'toClient';

export interface Toxics {
  /** Added to every chunk; the order stays. */
  readonly latencyMs?: number;
  /** Bytes a second, in each direction of each connection. */
  readonly bytesPerSecond?: number;
  /** Takes what comes and passes nothing on, as a firewall that drops does: nobody is told. */
  readonly swallow?: Direction | 'both';
  /** Ends new connections at once, as the port of a server that is down does. */
  readonly refuse?: boolean;
}

interface Pipe {
  readonly from: Socket;
  readonly to: Socket;
  readonly direction: Direction;
  /** The chunk before this one is out, or was swallowed. */
  last: Promise<void>;
}

export class TcpProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #toxics: { current: Toxics };

  private constructor(server: Server, sockets: Set<Socket>, toxics: { current: Toxics }) {
    this.#server = server;
    this.#sockets = sockets;
    this.#toxics = toxics;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Listens on a free port of the loopback address. */
  static async open(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const sockets = new Set<Socket>();
    const toxics: { current: Toxics } = { current: {} };
    const server = createServer({ noDelay: true }, (client) => {
      if (toxics.current.refuse === true) {
        client.resetAndDestroy();
        return;
      }
      const upstream = connect({ ...target, noDelay: true });
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => sockets.delete(socket));
      }
      forward(toxics, { from: client, to: upstream, direction: 'toServer', last: Promise.resolve() });
      forward(toxics, { from: upstream, to: client, direction: 'toClient', last: Promise.resolve() });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new TcpProxy(server, sockets, toxics);
  }

  /** Connections that are open, counted once. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** Replaces what was switched on before; `{}` = a network without faults. Counts for open connections too. */
  set(toxics: Toxics): void {
    this.#toxics.current = toxics;
  }

  /** Ends every connection with a reset in both directions; new ones are accepted. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    this.reset();
    await closed;
  }
}

/** Reads no faster than it may write: what is held back fills the sender's buffers, not this process. */
function forward(toxics: { current: Toxics }, pipe: Pipe): void {
  const { from, to } = pipe;
  from.on('data', (chunk: Buffer) => {
    from.pause();
    pipe.last = pipe.last
      .then(() => pass(toxics.current, pipe, chunk))
      .catch(() => undefined)
      .finally(() => from.resume());
  });
  // A partition keeps the news of an end as well.
  from.once('close', () => {
    void pipe.last.then(() => {
      if (!isSwallowed(toxics.current, pipe.direction)) to.destroy();
    });
  });
}

async function pass(toxics: Toxics, { to, direction }: Pipe, chunk: Buffer): Promise<void> {
  if (isSwallowed(toxics, direction)) return;
  const { latencyMs = 0, bytesPerSecond = Infinity } = toxics;
  const waitMs = latencyMs + (chunk.length / bytesPerSecond) * 1_000;
  if (waitMs >= 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
  if (to.destroyed || to.write(chunk)) return;
  await new Promise<void>((resolve) => to.once('drain', resolve).once('close', resolve));
}

const isSwallowed = ({ swallow }: Toxics, direction: Direction): boolean =>
  swallow === 'both' || swallow === direction;
