import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { checkAmqp } from './amqp-login.ts';
import { checkRabbitmq, checkRedis, problemWith } from './health.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that does this with every connection. */
async function listening(answer: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    answer(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const redis = (port: number): Promise<string | undefined> =>
  problemWith(() => checkRedis({ REDIS_URL: `redis://:word@127.0.0.1:${port}/0` }));

test('Redis serves when it takes the password and answers PING', async () => {
  const heard: string[] = [];
  const port = await listening((socket) => {
    socket.on('data', (data) => {
      heard.push(data.toString());
      socket.write('+OK\r\n+PONG\r\n');
    });
  });
  expect(await redis(port)).toBeUndefined();
  expect(heard.join('')).toBe('*2\r\n$4\r\nAUTH\r\n$4\r\nword\r\n*1\r\n$4\r\nPING\r\n');
});

test('Redis of somebody else, which refuses the password, does not serve', async () => {
  const port = await listening((socket) => {
    socket.on('data', () => socket.write('-WRONGPASS invalid username-password pair\r\n'));
  });
  expect(await redis(port)).toBe('WRONGPASS invalid username-password pair');
});

test('a program that accepts connections and says nothing does not serve', async () => {
  const port = await listening(() => undefined);
  const mute = problemWith(() => checkAmqp(`amqp://user:word@127.0.0.1:${port}/vhost`, 100));
  expect(await mute).toBe('no answer within 100 ms');
});

test('a program that hangs up does not serve', async () => {
  const port = await listening((socket) => socket.end());
  expect(await redis(port)).toBe('closed the connection');
});

test('a port where nothing listens does not serve', async () => {
  const port = await listening(() => undefined);
  await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
  const urls = {
    RABBITMQ_URL: `amqp://user:word@127.0.0.1:${port}/vhost`,
    RABBITMQ_MANAGEMENT_URL: `http://user:word@127.0.0.1:${port}`,
  };
  expect(await problemWith(() => checkRabbitmq(urls))).toContain('ECONNREFUSED');
});

test('a broker that speaks another version of AMQP does not serve', async () => {
  const port = await listening((socket) => socket.end(Buffer.from('AMQP\x00\x01\x00\x00')));
  const other = problemWith(() => checkAmqp(`amqp://user:word@127.0.0.1:${port}/vhost`, 1_000));
  expect(await other).toBe('speaks another AMQP version');
});
