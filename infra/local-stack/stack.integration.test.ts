import { createServer } from 'node:net';

import { runAlone } from '../../tests/template-database.ts';
import { processStartTime, withProcessLock } from '../process-lock.js';
import { instanceOf } from './instance.ts';
import { readState, writeState, type StackState } from './state.ts';
import { startStack, stackStatus, stopStack } from './stack.ts';

/** A stack of this file's own: it is killed and purged, which no other one may be. */
const name = `faults-${process.pid}`;
const options = { name, disposable: true, migrated: false };
const instance = instanceOf(name);

// Servers that somebody named in the environment are never killed.
process.env['ENRICHMENT_STACK'] = 'private';

// A broker takes seconds to come up, and longer on a busy machine.
const SLOW_MS = 120_000;

afterAll(() => stopStack({ ...options, purge: true }), SLOW_MS);

async function pids(): Promise<{ rabbitmq: number; redis: number; postgres: number }> {
  const status = await stackStatus(options);
  expect(status?.servers.map((server) => server.problem)).toEqual([undefined, undefined, undefined]);
  const of = (name: string): number => {
    const pid = status?.servers.find((server) => server.name === name)?.pid;
    if (pid === undefined) throw new Error(`${name} has no process of its own`);
    return pid;
  };
  return { rabbitmq: of('rabbitmq'), redis: of('redis'), postgres: of('postgres') };
}

function change(state: StackState, server: string, startTime: string, pid: number): void {
  const record = state.servers[server];
  if (!record) throw new Error(`${server} is not recorded`);
  const servers = { ...state.servers, [server]: { ...record, process: { pid, startTime } } };
  writeState(instance, { ...state, servers });
}

test(
  'the database that a start hands out is migrated, unless it is told not to',
  async () => {
    const { DATABASE_URL } = await startStack(options);
    const tables = `SELECT to_regclass('tracks') IS NOT NULL AS migrated`;
    expect(await runAlone(DATABASE_URL, tables)).toEqual([{ migrated: false }]);
    await startStack({ ...options, migrated: true });
    expect(await runAlone(DATABASE_URL, tables)).toEqual([{ migrated: true }]);
  },
  SLOW_MS,
);

test(
  'two starts at once give one stack',
  async () => {
    const [one, other] = await Promise.all([startStack(options), startStack(options)]);
    expect(other).toEqual(one);
    const first = await pids();
    expect(await startStack(options)).toEqual(one);
    expect(await pids()).toEqual(first);
  },
  SLOW_MS,
);

test(
  'a killed server comes back at its address, and the others go on',
  async () => {
    const urls = await startStack(options);
    const before = await pids();
    process.kill(before.redis, 'SIGKILL');
    process.kill(before.postgres, 'SIGKILL');
    expect(await startStack(options)).toEqual(urls);
    const after = await pids();
    expect(after.rabbitmq).toBe(before.rabbitmq);
    expect(after.redis).not.toBe(before.redis);
    expect(after.postgres).not.toBe(before.postgres);
  },
  SLOW_MS,
);

test(
  'a server that hangs is replaced',
  async () => {
    const urls = await startStack(options);
    const before = await pids();
    process.kill(before.redis, 'SIGSTOP');
    expect(await startStack(options)).toEqual(urls);
    expect((await pids()).redis).not.toBe(before.redis);
  },
  SLOW_MS,
);

test(
  'a record whose pid belongs to another program leads to a new server and leaves that program alone',
  async () => {
    await startStack(options);
    const state = readState(instance)!;
    const { redis } = await pids();
    change(state, 'redis', 'of a server long gone', process.pid);
    await startStack(options);
    const now = (await pids()).redis;
    expect(now).not.toBe(process.pid);
    // The one that nobody knew any more has made room for it.
    expect(now).not.toBe(redis);
  },
  SLOW_MS,
);

test(
  'a port that another program took in the meantime is replaced, and the data is still there',
  async () => {
    const before = await startStack(options);
    await stopStack(options);
    expect((await stackStatus(options))?.servers.map((server) => server.pid)).toEqual(
      Array(3).fill(undefined),
    );
    const blocker = createServer();
    const port = Number(new URL(before.DATABASE_URL).port);
    await new Promise<void>((resolve) => blocker.listen(port, '127.0.0.1', resolve));
    const after = await startStack(options);
    expect(after.RABBITMQ_URL).toBe(before.RABBITMQ_URL);
    expect(after.DATABASE_URL).not.toBe(before.DATABASE_URL);
    expect(new URL(after.DATABASE_URL).password).toBe(new URL(before.DATABASE_URL).password);
    await pids();
    blocker.close();
  },
  SLOW_MS,
);

test(
  'a stop that is called off leaves everything as it is',
  async () => {
    await startStack(options);
    const before = await pids();
    await stopStack({ ...options, purge: true, unless: () => true });
    expect(await pids()).toEqual(before);
  },
  SLOW_MS,
);

test(
  'a purge leaves neither processes nor data nor state',
  async () => {
    await startStack(options);
    const before = Object.values(await pids());
    await stopStack({ ...options, purge: true });
    for (const pid of before) expect(processStartTime(pid)).toBeUndefined();
    expect(await stackStatus(options)).toBeUndefined();
    // Nothing holds the lock either.
    await withProcessLock(`${instance.stateDir}/lock`, () => undefined);
  },
  SLOW_MS,
);
