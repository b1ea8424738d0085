import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { problemWith } from './health.ts';
import { freePorts } from './ports.ts';
import type { PrivateServer, ServerSetup } from './private-server.ts';
import { isRunning, startProcess, stopProcess, type ProcessIdentity } from './server-process.ts';
import type { Ports, ServerRecord } from './state.ts';

const START_TIMEOUT_MS = 90_000;
const FIRST_POLL_MS = 30;
const SLOWEST_POLL_MS = 250;
/** A server that does not answer is given little time to leave: it is likely to hang. */
const UNHEALTHY_GRACE_MS = 3_000;
/** A port may be taken between choosing it and listening; and right after a kill the old process's helpers still hold the data. */
const START_ATTEMPTS = 3;

export type SetupOf = (ports: Ports) => ServerSetup;

/** What became of a server: it was there, or it was started. */
export interface Ensured {
  readonly record: ServerRecord;
  readonly started: boolean;
}

/**
 * Resolves when the server serves. A healthy one from before is kept; a dead or mute one is ended and started again, at the same
 * address when its ports are free. `onStart` learns of every process at once, so that a crash of ours leaves none unrecorded.
 * Throws with the end of the server's log when it does not come up.
 */
export async function ensureServer(
  server: PrivateServer,
  setupOf: SetupOf,
  before: ServerRecord | undefined,
  onStart: (record: ServerRecord) => void,
): Promise<Ensured> {
  if (before?.process) {
    const setup = setupOf(before.ports);
    if (isRunning(before.process) && (await problemWith(() => server.check(setup))) === undefined) {
      return { record: before, started: false };
    }
    await endServer(server, setup, before.process, {
      signal: server.stopSignal,
      graceMs: UNHEALTHY_GRACE_MS,
    });
  }
  let wanted: Ports = before?.ports ?? {};
  for (let attempt = 1; ; attempt += 1) {
    const setup = setupOf(await choosePorts(server, wanted));
    await server.prepare(setup);
    const identity = await startProcess(server.command(setup));
    const record = { ports: setup.ports, process: identity };
    onStart(record);
    const problem = await untilServing(server, setup, identity);
    if (problem === undefined) {
      await server.furnish?.(setup);
      return { record, started: true };
    }
    await endServer(server, setup, identity, {
      signal: server.stopSignal,
      graceMs: UNHEALTHY_GRACE_MS,
    });
    if (attempt === START_ATTEMPTS) {
      throw new Error(
        `${server.name} does not come up: ${problem}\n${endOfLog(server.command(setup).logFile)}`,
      );
    }
    wanted = {};
  }
}

/** Ends a server of ours and what it leaves behind; nothing happens to a process that has ended already. */
export async function endServer(
  server: PrivateServer,
  setup: ServerSetup,
  identity: ProcessIdentity,
  how: { readonly signal: NodeJS.Signals; readonly graceMs: number },
): Promise<void> {
  await stopProcess(identity, how.signal, how.graceMs);
  await server.cleanUp?.(setup);
}

async function choosePorts(server: PrivateServer, wanted: Ports): Promise<Ports> {
  const names = Object.keys(server.ports);
  const chosen = await freePorts(names.map((name) => wanted[name] ?? server.ports[name]));
  return Object.fromEntries(names.map((name, index) => [name, chosen[index] ?? 0]));
}

async function untilServing(
  server: PrivateServer,
  setup: ServerSetup,
  identity: ProcessIdentity,
): Promise<string | undefined> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 1.3, SLOWEST_POLL_MS)) {
    const problem = await problemWith(() => server.check(setup));
    // The process is looked at last: what answered may be another program that took the port first.
    if (!isRunning(identity)) return 'its process ended';
    if (problem === undefined) return undefined;
    if (Date.now() > deadline) return `${problem}, for ${START_TIMEOUT_MS / 1_000} s`;
    await wait(pause);
  }
}

function endOfLog(file: string): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return [`The end of ${file}:`, ...lines.slice(-15).map((line) => `  ${line}`)].join('\n');
}
