import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { problemWith } from './health.ts';
import { freePorts } from './ports.ts';
import type { PrivateServer, ServerSetup } from './private-server.ts';
import { isRunning, startProcess, stopProcess, type ProcessIdentity } from './server-process.ts';
import type { Ports, ServerRecord } from './state.ts';
import { endStrays } from './strays.ts';

const START_TIMEOUT_MS = 90_000;
/** A busy machine makes a healthy server slow to answer, and to restart it would cut off whoever uses it. */
const KEEP_TIMEOUT_MS = 5_000;
const FIRST_POLL_MS = 30;
const SLOWEST_POLL_MS = 250;
/** A server that does not answer is given little time to leave: it is likely to hang. */
const UNHEALTHY_GRACE_MS = 3_000;
/** A port may be taken between choosing it and listening. */
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
  if (before?.process && (await keeps(server, setupOf(before.ports), before.process))) {
    return { record: before, started: false };
  }
  const { dir } = setupOf({});
  await endStrays(dir);
  for (let attempt = 1; ; attempt += 1) {
    const setup = setupOf(await choosePorts(server, before?.ports ?? {}));
    await server.prepare(setup);
    const identity = await startProcess(server.command(setup));
    const record = { ports: setup.ports, process: identity };
    onStart(record);
    const problem = await untilServing(server, setup, { identity, timeoutMs: START_TIMEOUT_MS });
    if (problem === undefined) return { record, started: true };
    await endUnhealthy(server, setup, identity);
    if (attempt === START_ATTEMPTS) {
      const log = endOfLog(server.command(setup).logFile);
      throw new Error(`${server.name} does not come up: ${problem}\n${log}`);
    }
  }
}

/** Whether a server from before goes on serving; ended and false when it does not. */
async function keeps(server: PrivateServer, setup: ServerSetup, identity: ProcessIdentity): Promise<boolean> {
  const problem = await untilServing(server, setup, { identity, timeoutMs: KEEP_TIMEOUT_MS });
  if (problem !== undefined) await endUnhealthy(server, setup, identity);
  return problem === undefined;
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

/** Undefined as soon as it serves and holds what it must; the reason when its process ends or the time is over. */
async function untilServing(
  server: PrivateServer,
  setup: ServerSetup,
  { identity, timeoutMs }: { identity: ProcessIdentity; timeoutMs: number },
): Promise<string | undefined> {
  const deadline = Date.now() + timeoutMs;
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 1.3, SLOWEST_POLL_MS)) {
    if (!isRunning(identity)) return 'its process ended';
    const problem = await problemWith(async () => {
      await server.check(setup);
      await server.furnish?.(setup);
    });
    // Once more: what answered may be another program that took the port first.
    if (problem === undefined && isRunning(identity)) return undefined;
    if (Date.now() > deadline) return `${problem ?? 'its process ended'}, for ${timeoutMs / 1_000} s`;
    await wait(pause);
  }
}

function endUnhealthy(server: PrivateServer, setup: ServerSetup, identity: ProcessIdentity): Promise<void> {
  return endServer(server, setup, identity, { signal: server.stopSignal, graceMs: UNHEALTHY_GRACE_MS });
}

function endOfLog(file: string): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return [`The end of ${file}:`, ...lines.slice(-15).map((line) => `  ${line}`)].join('\n');
}
