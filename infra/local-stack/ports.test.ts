import { createServer, type AddressInfo, type Server } from 'node:net';

import { freePorts, isFree } from './ports.ts';

const listen = (port: number): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer().listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
const close = (server: Server): Promise<unknown> => new Promise((resolve) => server.close(resolve));

test('a wanted port is taken when it is free', async () => {
  const [wanted = 0] = await freePorts([undefined]);
  expect(await freePorts([wanted])).toEqual([wanted]);
});

test('a wanted port that another program listens on is replaced by a free one', async () => {
  const server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const [other = 0] = await freePorts([port]);
  expect(other).not.toBe(port);
  expect(await isFree(other)).toBe(true);
  await close(server);
});

test('random ports differ from each other and lie below those of outgoing connections', async () => {
  const ports = await freePorts(Array<undefined>(20).fill(undefined));
  expect(new Set(ports).size).toBe(20);
  expect(Math.max(...ports)).toBeLessThan(32_768);
  expect(Math.min(...ports)).toBeGreaterThan(1_024);
});

test('the same port is not given twice', async () => {
  const [port = 0] = await freePorts([undefined]);
  const [one, two] = await freePorts([port, port]);
  expect(one).toBe(port);
  expect(two).not.toBe(port);
});
