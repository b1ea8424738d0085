/** Between a client and a server, everything that a network can do to a connection, switched at run time. */
import { EventEmitter, once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

export type Direction = 'toServer' | 'toClient';

export interface Toxics {
  /** Added to every chunk; the order stays. */
  readonly latencyMs?: number;
  /** Bytes a second, in each direction of each connection. */
  readonly bytesPerSecond?: number;
  /**
   * Passes nothing on and tells nobody, as a network that is parted. What was sent meanwhile arrives when it is whole
   * again: TCP loses nothing in the middle of a connection that still lives at both ends.
   */
  readonly stall?: Direction | 'both';
  /** Ends new connections at once, as the port of a server that is down does. */
  readonly refuse?: boolean;
}

interface Pipe {
  readonly from: Socket;
  readonly to: Socket;
  readonly direction: Direction;
  /** The chunk before this one is out. */
  last: Promise<void>;
}

export class TcpProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #network: Network;

  private constructor(server: Server, sockets: Set<Socket>, network: Network) {
    this.#server = server;
    this.#sockets = sockets;
    this.#network = network;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Listens on a free port of the loopback address. */
  static async open(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const sockets = new Set<Socket>();
    const network = new Network();
    const server = createServer({ noDelay: true }, (client) => {
      if (network.toxics.refuse === true) {
        client.resetAndDestroy();
        return;
      }
      const upstream = connect({ ...target, noDelay: true });
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => sockets.delete(socket));
      }
      forward(network, { from: client, to: upstream, direction: 'toServer', last: Promise.resolve() });
      forward(network, { from: upstream, to: client, direction: 'toClient', last: Promise.resolve() });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new TcpProxy(server, sockets, network);
  }

  /** Connections that are open, counted once. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** Replaces what was switched on before; `{}` = a network without faults. Counts for open connections too. */
  set(toxics: Toxics): void {
    this.#network.change(toxics);
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
    // No reset: one that meets the end of a connection leaves its descriptor open, and the process alive.
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** Reads no faster than it may write: what is held back fills the sender's buffers, not this process. */
function forward(network: Network, pipe: Pipe): void {
  const { from, to, direction } = pipe;
  from.on('data', (chunk: Buffer) => {
    from.pause();
    pipe.last = pipe.last
      .then(() => pass(network, pipe, chunk))
      .catch(() => undefined)
      .finally(() => from.resume());
  });
  from.once('close', () => {
    void pipe.last
      .then(() => network.open(direction, to))
      .then(() => {
        to.destroy();
      });
  });
}

async function pass(network: Network, { to, direction }: Pipe, chunk: Buffer): Promise<void> {
  const { latencyMs = 0, bytesPerSecond = Infinity } = network.toxics;
  const waitMs = latencyMs + (chunk.length / bytesPerSecond) * 1_000;
  if (waitMs >= 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
  await network.open(direction, to);
  if (to.destroyed || to.write(chunk)) return;
  await new Promise<void>((resolve) => to.once('drain', resolve).once('close', resolve));
}

/** What is switched on now, and who waits for it to be switched off. */
class Network {
  readonly #changes = new EventEmitter<{ change: [] }>();
  #toxics: Toxics = {};

  constructor() {
    this.#changes.setMaxListeners(0);
  }

  get toxics(): Toxics {
    return this.#toxics;
  }

  change(toxics: Toxics): void {
    this.#toxics = toxics;
    this.#changes.emit('change');
  }

  /** Resolves when something may pass in this direction, or nobody is there any more to get it. */
  async open(direction: Direction, to: Socket): Promise<void> {
    while (!to.destroyed && (this.#toxics.stall === 'both' || this.#toxics.stall === direction)) {
      const gone = new AbortController();
      const onClose = (): void => {
        gone.abort();
      };
      to.once('close', onClose);
      await once(this.#changes, 'change', { signal: gone.signal }).catch(() => undefined);
      to.off('close', onClose);
    }
  }
}
