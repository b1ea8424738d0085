import { Client } from 'pg';
import { Redis } from 'ioredis';
import { connect } from 'amqplib';

import { eventually, openTestDatabase, openTestRedis, openTestVhost } from './harness.ts';
import { runAlone } from './template-database.ts';

test('two databases of the harness are migrated and independent, and gone when closed', async () => {
  const [one, other] = await Promise.all([openTestDatabase(), openTestDatabase()]);
  await runAlone(one.url, 'CREATE TABLE only_here (id integer)');
  const tables = `SELECT to_regclass('tracks') AS tracks, to_regclass('only_here') AS mine`;
  expect(await runAlone(one.url, tables)).toEqual([{ tracks: 'tracks', mine: 'only_here' }]);
  expect(await runAlone(other.url, tables)).toEqual([{ tracks: 'tracks', mine: null }]);
  await Promise.all([one.close(), other.close()]);
  await expect(runAlone(one.url, 'SELECT 1')).rejects.toThrow('does not exist');
});

test('a database is dropped although a client is still connected', async () => {
  const database = await openTestDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const faults: unknown[] = [];
  client.on('error', (error) => faults.push(error));
  const cut = new Promise((resolve) => client.once('end', resolve));
  await database.close();
  await cut;
  expect(faults.length).toBeGreaterThan(0);
});

test('a virtual host of the harness takes messages and takes its queues with it', async () => {
  const vhost = await openTestVhost();
  const connection = await connect(vhost.url);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue('letters', { durable: true });
  channel.sendToQueue('letters', Buffer.from('one'), { persistent: true });
  await channel.waitForConfirms();
  const message = await channel.get('letters');
  expect(message !== false && message.content.toString()).toBe('one');
  await connection.close();
  await vhost.close();
  await expect(connect(vhost.url)).rejects.toThrow();
});

test('two Redis of the harness keep apart what begins with their prefix, and nothing once closed', async () => {
  const [one, other] = await Promise.all([openTestRedis(), openTestRedis()]);
  const [first, second] = [new Redis(one.url), new Redis(other.url)];
  try {
    await first.set(`${one.prefix}key`, 'of one');
    await second.set(`${other.prefix}key`, 'of the other');
    await one.close();
    expect(await first.get(`${one.prefix}key`)).toBeNull();
    expect(await second.get(`${other.prefix}key`)).toBe('of the other');
    await other.close();
    expect(await second.get(`${other.prefix}key`)).toBeNull();
  } finally {
    first.disconnect();
    second.disconnect();
  }
});

test('eventually passes on what the assertion gives once it holds, and its last error when it never does', async () => {
  let calls = 0;
  const value = await eventually(() => {
    calls += 1;
    if (calls < 3) throw new Error('not yet');
    return calls;
  });
  expect(value).toBe(3);
  const never = eventually(
    () => {
      expect(calls).toBe(0);
    },
    { timeoutMs: 60 },
  );
  await expect(never).rejects.toThrow('toBe');
});
