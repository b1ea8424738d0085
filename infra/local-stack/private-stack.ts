import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { endServer, ensureServer, type SetupOf } from './ensure-server.ts';
import { problemWith } from './health.ts';
import type { Programs } from './installed-programs.ts';
import { passwordOf, type Instance } from './instance.ts';
import { postgresServer } from './postgres-server.ts';
import type { PrivateServer, ServerName, ServerStatus } from './private-server.ts';
import { rabbitmqServer } from './rabbitmq-server.ts';
import { redisServer } from './redis-server.ts';
import { isRunning } from './server-process.ts';
import { writeState, type ServerRecord, type StackState, type StackUrls } from './state.ts';

const servers: readonly PrivateServer[] = [rabbitmqServer, redisServer, postgresServer];

/** A broker with many queues writes for a while before it ends. */
const STOP_GRACE_MS = 20_000;

type Records = Readonly<Record<string, ServerRecord>>;

export interface PrivateStack {
  readonly instance: Instance;
  readonly programs: Programs;
  readonly disposable: boolean;
}

/**
 * Brings up all servers at the same time, each independent of the others, and records every process as it starts. When one of
 * them fails, the others stay as they are and the error names it.
 */
export async function startPrivateStack(
  stack: PrivateStack,
  before: StackState | undefined,
  onStarted: (name: ServerName) => void,
): Promise<StackState> {
  const password = passwordOf(stack.instance);
  const records: Record<string, ServerRecord> = { ...(before?.source === 'private' ? before.servers : {}) };
  const state = (): StackState => ({
    source: 'private',
    urls: urlsOf(stack, password, records),
    servers: records,
  });
  const starts = servers.map(async (server) => {
    const save = (record: ServerRecord): void => {
      records[server.name] = record;
      writeState(stack.instance, state());
    };
    const ensured = await ensureServer(server, setupFor(stack, server, password), records[server.name], save);
    if (ensured.started) onStarted(server.name);
  });
  // All settle before an error leaves here: nothing may start behind the back of whoever handles it.
  const failures = (await Promise.allSettled(starts)).filter((one) => one.status === 'rejected');
  if (failures.length > 0) {
    throw new Error(failures.map((one) => (one.reason as Error).message).join('\n'), {
      cause: failures[0]?.reason,
    });
  }
  return state();
}

/** Ends what runs and keeps data and ports for the next start; `abort` skips the orderly end, for data that goes away anyway. */
export async function stopPrivateStack(
  stack: PrivateStack,
  state: StackState,
  { abort }: { abort: boolean },
): Promise<void> {
  const password = passwordOf(stack.instance);
  const records: Record<string, ServerRecord> = { ...state.servers };
  await Promise.all(
    servers.map(async (server) => {
      const record = records[server.name];
      if (record?.process === undefined) return;
      const signal = abort ? server.abortSignal : server.stopSignal;
      const setup = setupFor(stack, server, password)(record.ports);
      await endServer(server, setup, record.process, { signal, graceMs: STOP_GRACE_MS });
      records[server.name] = { ports: record.ports };
    }),
  );
  writeState(stack.instance, { ...state, servers: records });
}

/** Looks at every server as a client would. */
export async function privateStatus(stack: PrivateStack, state: StackState): Promise<ServerStatus[]> {
  const password = passwordOf(stack.instance);
  return Promise.all(
    servers.map(async (server) => {
      const record = state.servers[server.name];
      const identity = record?.process;
      if (!record || !isRunning(identity)) {
        return { name: server.name, pid: undefined, ports: record?.ports ?? {}, problem: 'not running' };
      }
      const setup = setupFor(stack, server, password)(record.ports);
      const problem = await problemWith(() => server.check(setup));
      return { name: server.name, pid: identity.pid, ports: record.ports, problem };
    }),
  );
}

/** Removes the data of a stopped stack. */
export function purgeData(instance: Instance): void {
  rmSync(instance.dataDir, { recursive: true, force: true });
  const clone = dirname(instance.dataDir);
  // The clone's folder goes with the last of its stacks.
  if (existsSync(clone) && readdirSync(clone).length === 0) rmdirSync(clone);
}

function setupFor(stack: PrivateStack, server: PrivateServer, password: string): SetupOf {
  return (ports) => ({ ...stack, password, ports, dir: join(stack.instance.dataDir, server.name) });
}

function urlsOf(stack: PrivateStack, password: string, records: Records): StackUrls {
  const parts = servers.map((server) =>
    server.urls(setupFor(stack, server, password)(records[server.name]?.ports ?? {})),
  );
  return Object.assign({}, ...parts) as StackUrls;
}
