/** Servers of the faults' own: killed, stopped and starved at will, so they are never shared and never external. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findPrograms } from '../../infra/local-stack/installed-programs.ts';
import { instanceOf } from '../../infra/local-stack/instance.ts';
import {
  plainEnvironment,
  type ProcessIdentity,
  stopProcess,
} from '../../infra/local-stack/server-process.ts';
import { startStack, stopStack } from '../../infra/local-stack/stack.ts';
import { readState, type StackUrls } from '../../infra/local-stack/state.ts';
import { BrokerContainer } from './broker-container.ts';

const NAME = 'faults';
export type Server = 'rabbitmq' | 'redis' | 'postgres';

const execute = promisify(execFile);
const CONTROL_TIMEOUT_MS = 30_000;
const END_GRACE_MS = 20_000;
const PORT_POLL_MS = 20;
const PORT_TIMEOUT_MS = 60_000;

export class FaultStack {
  readonly urls: StackUrls;
  readonly #container: BrokerContainer | undefined;

  private constructor(urls: StackUrls, container: BrokerContainer | undefined) {
    this.urls = { ...urls, ...container?.urls };
    this.#container = container;
  }

  /**
   * Processes of this machine, which nobody else uses. The broker may come from a container image instead: the container
   * is the run's own as well. Servers that run already are not harmed.
   */
  static async start(report: (line: string) => void, brokerImage?: string): Promise<FaultStack> {
    process.env['ENRICHMENT_STACK'] = 'private';
    // What a run that was cut off left may be stopped, starved or full of messages.
    await stopStack({ name: NAME, purge: true });
    const urls = await startStack({ name: NAME, disposable: true, report });
    if (brokerImage === undefined) return new FaultStack(urls, undefined);
    report(`Starting a broker from ${brokerImage} …`);
    return new FaultStack(urls, await BrokerContainer.start(brokerImage));
  }

  async stop(): Promise<void> {
    await this.#container?.remove();
    await stopStack({ name: NAME, purge: true });
  }

  pid(server: Server): number {
    return this.#recorded(server).pid;
  }

  async signal(server: Server, signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const container = this.#containerOf(server);
    if (container !== undefined) await container.signal(signal);
    else process.kill(this.#recorded(server).pid, signal);
  }

  /** Resolves when the process is gone: until then its port may still take connections. */
  async end(server: Server, signal: 'SIGKILL' | 'SIGINT' | 'SIGTERM'): Promise<void> {
    const container = this.#containerOf(server);
    if (container !== undefined) await container.end(signal);
    else await stopProcess(this.#recorded(server), signal, END_GRACE_MS);
  }

  /** Starts again what was ended, at the same address. Resolves with performance.now() of when its port was back. */
  async revive(server: Server): Promise<number> {
    const container = this.#containerOf(server);
    if (container !== undefined) return container.revive();
    const started = startStack({ name: NAME, disposable: true });
    started.catch(() => undefined);
    const backAt = await this.portOpen(server);
    await started;
    return backAt;
  }

  /** Resolves with performance.now() of when the server's port takes connections. */
  async portOpen(server: Server): Promise<number> {
    const container = this.#containerOf(server);
    if (container !== undefined) return container.up();
    const { hostname, port } = new URL(this.#urlOf(server));
    for (const until = performance.now() + PORT_TIMEOUT_MS; performance.now() < until;) {
      if (await takesConnections(hostname, Number(port))) return performance.now();
      await wait(PORT_POLL_MS);
    }
    throw new Error(`${server} does not listen within ${PORT_TIMEOUT_MS / 1_000} s`);
  }

  /** Runs the broker's own control program against the faults' broker; resolves with what it prints. */
  async rabbitmqctl(...args: readonly string[]): Promise<string> {
    if (this.#container !== undefined) return this.#container.rabbitmqctl(args);
    const { id, dataDir } = instanceOf(NAME);
    const home = join(dataDir, 'rabbitmq');
    const program = join(dirname(findPrograms().programs.rabbitmqServer), 'rabbitmqctl');
    const cookie = readFileSync(join(home, '.erlang.cookie'), 'utf8');
    const env = {
      ...plainEnvironment(),
      HOME: home,
      ERL_EPMD_PORT: String(readState(instanceOf(NAME))?.servers['rabbitmq']?.ports['epmd'] ?? 0),
      RABBITMQ_CONF_ENV_FILE: join(home, 'no-environment-file'),
      RABBITMQ_ERLANG_COOKIE: cookie,
    };
    const node = ['--node', `${id}@localhost`, '--quiet'];
    const { stdout } = await execute(program, [...node, ...args], {
      env,
      cwd: home,
      timeout: CONTROL_TIMEOUT_MS,
    });
    return stdout.trim();
  }

  #containerOf(server: Server): BrokerContainer | undefined {
    return server === 'rabbitmq' ? this.#container : undefined;
  }

  #urlOf(server: Server): string {
    const { RABBITMQ_URL, REDIS_URL, DATABASE_URL } = this.urls;
    return { rabbitmq: RABBITMQ_URL, redis: REDIS_URL, postgres: DATABASE_URL }[server];
  }

  /** From the record and not from a look at the server: a stopped one does not answer. */
  #recorded(server: Server): ProcessIdentity {
    const identity = readState(instanceOf(NAME))?.servers[server]?.process;
    if (identity === undefined) throw new Error(`${server} does not run`);
    return identity;
  }
}

function takesConnections(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 1_000 });
    const end = (isOpen: boolean) => (): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}
