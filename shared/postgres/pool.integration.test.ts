import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Pool } from 'pg';
import { openTestDatabase, type TestDatabase } from '../../tests/harness.ts';
import { isConnectionFault, isTimeout } from './database-fault.ts';
import { openPool, withTransaction } from './pool.ts';

let database: TestDatabase;
let pool: Pool;
/** Its own connections: what it does to those of the pool comes from outside. */
let outside: Pool;

beforeAll(async () => {
  database = await openTestDatabase();
  pool = openPool({ url: database.url, max: 4, applicationName: 'pool-test' });
  outside = openPool({ url: database.url, max: 1, applicationName: 'pool-test-outside' });
  await pool.query('create table notes (id integer primary key, text text)');
});

afterAll(async () => {
  await pool.end();
  await outside.end();
  await database.close();
});

/** Ends the pool's connections as a restart of the server does (57P01), and returns how many there were. */
async function terminateConnections(): Promise<number> {
  const { rowCount } = await outside.query(
    "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'pool-test'",
  );
  return rowCount ?? 0;
}

/** A way to the server on which connections can die without a word: the client finds out when it next uses them. */
async function openTunnel(): Promise<{ url: string; cutSilently: () => void; close: () => void }> {
  const server = new URL(database.url);
  const open = new Map<Socket, Socket>();
  const proxy = createServer((socket) => {
    const upstream = connect(Number(server.port), server.hostname);
    open.set(socket, upstream);
    for (const side of [socket, upstream]) side.on('error', () => undefined);
    socket.pipe(upstream).pipe(socket);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy.once('listening', resolve));
  const url = new URL(server);
  url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const cutSilently = (): void => {
    for (const [socket, upstream] of open) {
      socket.unpipe();
      upstream.unpipe();
      upstream.destroy();
      socket.once('data', () => socket.destroy()).resume();
    }
    open.clear();
  };
  return { url: url.href, cutSilently, close: () => proxy.close() };
}

const faultOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

const notes = async (): Promise<number[]> =>
  (await pool.query<{ id: number }>('select id from notes order by id')).rows.map((row) => row.id);

describe('a transaction', () => {
  test('commits what it did and gives the result of its function', async () => {
    const result = await withTransaction(pool, async (client) => {
      await client.query('insert into notes values (1)');
      return 'done';
    });
    expect(result).toBe('done');
    expect(await notes()).toContain(1);
  });

  test('whose function throws leaves nothing behind, and its connection is used again', async () => {
    const single = openPool({ url: database.url, max: 1, applicationName: 'pool-test-single' });
    const pid = async (): Promise<unknown> => (await single.query('select pg_backend_pid() as pid')).rows[0];
    const before = await pid();
    const failing = withTransaction(single, async (client) => {
      await client.query('insert into notes values (2)');
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await notes()).not.toContain(2);
    expect(await pid()).toEqual(before);
    await single.end();
  });

  test('is bounded by the server, and leaves the session as a pooler gave it', async () => {
    const names = ['statement_timeout', 'idle_in_transaction_session_timeout', 'lock_timeout'];
    const limits = `select ${names.map((name) => `current_setting('${name}')`).join(" || ' ' || ")} as limits`;
    const single = openPool({ url: database.url, max: 1, applicationName: 'pool-test-single' });
    const inside = await withTransaction(single, (client) => client.query<{ limits: string }>(limits));
    expect(inside.rows[0]!.limits).toBe('15s 30s 3s');
    expect((await single.query<{ limits: string }>(limits)).rows[0]!.limits).toBe('0 0 0');
    await single.end();
  });

  test('that loses a deadlock is run again, so both sides commit', async () => {
    await pool.query("insert into notes values (10, ''), (11, '')");
    const append = 'update notes set text = text || $2 where id = $1';
    const runs = { ab: 0, ba: 0 };
    const bothHold = new Map<string, () => void>();
    const held = ['ab', 'ba'].map((name) => new Promise<void>((resolve) => bothHold.set(name, resolve)));
    const cross = (name: 'ab' | 'ba', first: number, second: number): Promise<void> =>
      withTransaction(pool, async (client) => {
        runs[name] += 1;
        await client.query(append, [first, name]);
        bothHold.get(name)!();
        await Promise.all(held);
        await client.query(append, [second, name]);
      });
    await Promise.all([cross('ab', 10, 11), cross('ba', 11, 10)]);
    expect(runs.ab + runs.ba).toBe(3);
    const { rows } = await pool.query<{ text: string }>('select text from notes where id in (10, 11)');
    for (const { text } of rows) expect(text).toHaveLength(4);
  });
});

describe('a connection that breaks', () => {
  test('between two queries of a transaction fails that transaction only', async () => {
    const failing = withTransaction(pool, async (client) => {
      await client.query('insert into notes values (20)');
      const gone = new Promise((resolve) => client.once('end', resolve));
      await terminateConnections();
      await gone;
      await client.query('insert into notes values (21)');
    });
    expect(isConnectionFault(await faultOf(failing))).toBe(true);
    await withTransaction(pool, (client) => client.query('insert into notes values (22)'));
    expect((await notes()).filter((id) => id >= 20 && id < 30)).toEqual([22]);
  });

  test('in the middle of a query is a connection fault', async () => {
    const sleeping = faultOf(withTransaction(pool, (client) => client.query('select pg_sleep(60)')));
    const asleep = async (): Promise<boolean> => {
      const { rowCount } = await outside.query(
        "select from pg_stat_activity where application_name = 'pool-test' and wait_event = 'PgSleep'",
      );
      return rowCount === 1;
    };
    while (!(await asleep()));
    await terminateConnections();
    expect(isConnectionFault(await sleeping)).toBe(true);
  });

  test('while nobody uses it is told to the listener and ends nothing', async () => {
    let tell: (error: Error) => void = () => undefined;
    const told = new Promise<Error>((resolve) => (tell = resolve));
    const other = openPool({ url: database.url, max: 1, applicationName: 'pool-test', onIdleFault: tell });
    await other.query('select 1');
    await terminateConnections();
    expect(isConnectionFault(await told)).toBe(true);
    await withTransaction(other, (client) => client.query('select 1'));
    await other.end();
  });

  test('unnoticed, with all others of the pool, costs the next transactions nothing', async () => {
    const tunnel = await openTunnel();
    const other = openPool({ url: tunnel.url, max: 3, applicationName: 'pool-test-tunnel' });
    await Promise.all([1, 2, 3].map(() => other.query('select pg_sleep(0.05)')));
    expect(other.idleCount).toBe(3);
    tunnel.cutSilently();
    await withTransaction(other, (client) => client.query('select 1'));
    await Promise.all([1, 2, 3].map(() => withTransaction(other, (client) => client.query('select 1'))));
    await other.end();
    tunnel.close();
  });
});

describe('a server that', () => {
  test('is not there is a connection fault and no timeout', async () => {
    const nobody = openPool({
      url: 'postgres://nobody@127.0.0.1:1/none',
      max: 1,
      applicationName: 'pool-test',
    });
    const fault = await faultOf(withTransaction(nobody, (client) => client.query('select 1')));
    expect([isConnectionFault(fault), isTimeout(fault)]).toEqual([true, false]);
    await nobody.end();
  });

  test('accepts connections and says nothing fails within seconds, by a timeout', async () => {
    const mute = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const url = `postgres://nobody@127.0.0.1:${(mute.address() as AddressInfo).port}/none`;
    const waiting = openPool({ url, max: 1, applicationName: 'pool-test' });
    const start = performance.now();
    const fault = await faultOf(withTransaction(waiting, (client) => client.query('select 1')));
    expect(performance.now() - start).toBeLessThan(5_000);
    expect([isConnectionFault(fault), isTimeout(fault)]).toEqual([true, true]);
    await waiting.end();
    mute.close();
  });

  test('has no connection to spare is a connection fault', async () => {
    const single = openPool({ url: database.url, max: 1, applicationName: 'pool-test-single' });
    const held = await single.connect();
    const fault = await faultOf(withTransaction(single, (client) => client.query('select 1')));
    expect(isConnectionFault(fault)).toBe(true);
    held.release();
    await single.end();
  });
});
