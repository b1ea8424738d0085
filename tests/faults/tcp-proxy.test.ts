import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { eventually } from '../harness.ts';
import { TcpProxy } from './tcp-proxy.ts';

let server: Server;
let proxy: TcpProxy;
let received: string;
const serverSide: Socket[] = [];

beforeEach(async () => {
  received = '';
  server = createServer((socket) => {
    serverSide.push(socket);
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await TcpProxy.open({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
});

afterEach(async () => {
  await proxy.close();
  for (const socket of serverSide.splice(0)) socket.destroy();
  server.close();
});

async function client(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Also by an error, which `once` would reject with. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });

const serverGot = (text: string): Promise<void> =>
  eventually(() => {
    expect(received).toBe(text);
  });

test('what is sent arrives whole and in order, in small pieces and in large ones', async () => {
  const socket = await client();
  const large = 'x'.repeat(500_000);
  socket.write('a');
  socket.write(large);
  socket.write('z');
  await serverGot(`a${large}z`);
});

test('nothing passes a network that is parted, and nothing is lost when it is whole again', async () => {
  const socket = await client();
  socket.write('before ');
  await serverGot('before ');
  proxy.set({ stall: 'toServer' });
  socket.write('meanwhile ');
  const [serving] = serverSide;
  serving?.write('hello');
  // The other direction is open: when its data is here, the stalled one had its time too.
  expect(String((await once(socket, 'data'))[0])).toBe('hello');
  expect(received).toBe('before ');
  proxy.set({});
  socket.write('after');
  await serverGot('before meanwhile after');
});

test('a reset ends connections at both ends, and the next one works', async () => {
  const socket = await client();
  await eventually(() => {
    expect(proxy.connections).toBe(1);
  });
  const ended = closed(socket);
  proxy.reset();
  await ended;
  const next = await client();
  next.write('again');
  await serverGot('again');
});

test('the end of one side reaches the other', async () => {
  const socket = await client();
  socket.write('bye');
  await serverGot('bye');
  const ended = closed(socket);
  serverSide[0]?.destroy();
  await ended;
});

test('a network that refuses ends new connections and keeps old ones', async () => {
  const old = await client();
  proxy.set({ refuse: true });
  const refused = connect(proxy.port, '127.0.0.1');
  refused.on('error', () => undefined);
  await closed(refused);
  old.write('still here');
  await serverGot('still here');
});

test('latency and bandwidth hold data back', async () => {
  const socket = await client();
  proxy.set({ latencyMs: 60, bytesPerSecond: 10_000 });
  const began = performance.now();
  socket.write('x'.repeat(1_000));
  await serverGot('x'.repeat(1_000));
  expect(performance.now() - began).toBeGreaterThan(150);
});
