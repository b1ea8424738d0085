/**
 * The local stack: RabbitMQ, Redis and PostgreSQL for one clone. It takes, in this order: running servers, only when
 * ENRICHMENT_STACK=external says so; server programs of this machine, started privately; a Docker engine; and on Debian or Ubuntu it
 * installs those programs. What was chosen stays until its data is purged: a broker's messages do not move to another one.
 */
import { join } from 'node:path';

import { migrate } from '../../shared/postgres/migrate.ts';
import { currentEnvironment, readSettings } from '../../shared/runtime/environment.ts';
import { withProcessLock } from '../process-lock.js';
import { settings } from './config.ts';
import { stopDockerStack } from './docker-stack.ts';
import { externalUrls } from './external-servers.ts';
import { statusByUrls } from './health.ts';
import { instanceOf, type Instance } from './instance.ts';
import { privateStackOf, startOwnServers } from './own-servers.ts';
import type { ServerStatus } from './private-server.ts';
import { privateStatus, purgeData, stopPrivateStack } from './private-stack.ts';
import { readState, removeState, writeState, type StackState, type StackUrls } from './state.ts';

export interface StackOptions {
  /** Stacks of other names share nothing with this one: `main` serves start and demo, `test` the tests. */
  readonly name?: string;
  /** The data need not survive a power failure of the machine: saves disk synchronisation. */
  readonly disposable?: boolean;
  /** False leaves the database empty, for those who bring their own: a migration still being written must not hold them up. */
  readonly migrated?: boolean;
  /** Told what is going on, one line at a time; silent when absent. */
  readonly report?: (line: string) => void;
}

export interface StackStatus {
  readonly source: StackState['source'];
  readonly urls: StackUrls;
  readonly servers: readonly ServerStatus[];
}

const nothing = (): void => undefined;

/**
 * Resolves with the addresses once all three servers serve and the schema is there (unless told otherwise); returns at once when they do already. Safe to be
 * called by many processes at once: one starts, the others wait and use what it started. Throws when a server cannot be had,
 * with the one thing to do about it.
 */
export async function startStack(options: StackOptions = {}): Promise<StackUrls> {
  const { stack } = readSettings(settings);
  const report = options.report ?? nothing;
  if (stack === 'external') return startExternal();
  const instance = instanceOf(options.name ?? 'main');
  return locked(instance, report, async () => {
    const state = await startOwnServers(instance, { stack, disposable: options.disposable ?? false, report });
    writeState(instance, state);
    if (options.migrated === false) return state.urls;
    const applied = await migrate(state.urls.DATABASE_URL, join(instance.root, 'infra/postgres/migrations'));
    if (applied.length > 0) report(`Applied ${applied.length} migrations`);
    return state.urls;
  });
}

export interface StopOptions extends StackOptions {
  /** Removes the data too. */
  readonly purge?: boolean;
  /** Asked when nobody else can start or stop the stack any more; true leaves everything as it is. */
  readonly unless?: () => boolean;
}

/**
 * Stops what the stack of that name started, and only that: nothing when it is not running, nor when the environment says that
 * the servers are somebody else's. True when it looked after servers of its own.
 */
export async function stopStack(options: StopOptions = {}): Promise<boolean> {
  if (readSettings(settings).stack === 'external') return false;
  const instance = instanceOf(options.name ?? 'main');
  const { report = nothing, purge = false } = options;
  return locked(instance, report, async () => {
    if (options.unless?.() === true) return false;
    const state = readState(instance);
    if (state?.source === 'docker') await stopDockerStack(instance, purge);
    if (state?.source === 'private') {
      await stopPrivateStack(privateStackOf(instance), state, { abort: purge });
    }
    if (purge) {
      purgeData(instance);
      removeState(instance);
    }
    return true;
  });
}

/** What runs and whether it serves, as clients see it; undefined when nothing was started. */
export async function stackStatus(options: StackOptions = {}): Promise<StackStatus | undefined> {
  const state = currentState(options.name);
  if (!state) return undefined;
  const servers =
    state.source === 'private'
      ? await privateStatus(privateStackOf(instanceOf(options.name ?? 'main')), state)
      : await statusByUrls(state.urls);
  return { source: state.source, urls: state.urls, servers };
}

function currentState(name = 'main'): StackState | undefined {
  if (readSettings(settings).stack !== 'external') return readState(instanceOf(name));
  return { source: 'external', urls: externalUrls(currentEnvironment()), servers: {} };
}

/** They are somebody's: looked at, never changed, not even migrated. */
async function startExternal(): Promise<StackUrls> {
  const urls = externalUrls(currentEnvironment());
  const problems = (await statusByUrls(urls)).filter((server) => server.problem !== undefined);
  if (problems.length > 0) {
    const lines = problems.map((server) => `${server.name}: ${server.problem ?? ''}`);
    throw new Error(`ENRICHMENT_STACK=external, but\n  ${lines.join('\n  ')}`);
  }
  return urls;
}

function locked<T>(instance: Instance, report: (line: string) => void, body: () => Promise<T>): Promise<T> {
  return withProcessLock(join(instance.stateDir, 'lock'), body, {
    onWait: () => {
      report('Another process is starting or stopping this stack: waiting for it …');
    },
  });
}
