import { createServer } from 'node:net';

/** Below the range from which Linux takes the ports of outgoing connections (32768 up): a client can never sit on one. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Whether a server could listen on the port of the loopback address at this moment. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/**
 * Free ports, each another: the wanted ones where they are free, else random ones. Nothing reserves them: who listens too
 * late picks again.
 */
export async function freePorts(wanted: readonly (number | undefined)[]): Promise<number[]> {
  const chosen: number[] = [];
  for (const port of wanted) {
    const keep = port !== undefined && !chosen.includes(port) && (await isFree(port));
    chosen.push(keep ? port : await randomFreePort(chosen));
  }
  return chosen;
}

async function randomFreePort(except: readonly number[]): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (!except.includes(port) && (await isFree(port))) return port;
  }
  throw new Error(`no free port found between ${LOWEST} and ${HIGHEST}`);
}
