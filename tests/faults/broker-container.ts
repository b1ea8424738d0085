/** A broker of another version, in a container that the run starts, breaks and removes. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts } from '../../infra/local-stack/ports.ts';
import { connected } from './queues.ts';

const execute = promisify(execFile);
const COMMAND_TIMEOUT_MS = 120_000;
const UP_WITHIN_MS = 120_000;
const POLL_MS = 50;
/** In the order in which Docker knows them. */
const FREEZE = { SIGSTOP: 'pause', SIGCONT: 'unpause' } as const;

export class BrokerContainer {
  readonly urls: { readonly RABBITMQ_URL: string; readonly RABBITMQ_MANAGEMENT_URL: string };
  readonly #name: string;

  private constructor(name: string, login: string, [amqp = 0, management = 0]: readonly number[]) {
    this.#name = name;
    this.urls = {
      RABBITMQ_URL: `amqp://${login}@127.0.0.1:${amqp}/faults`,
      RABBITMQ_MANAGEMENT_URL: `http://${login}@127.0.0.1:${management}`,
    };
  }

  /** Of an image with the management plugin and the settings of the official one. Resolves when it takes clients. */
  static async start(image: string): Promise<BrokerContainer> {
    const name = `enrichment-faults-${randomBytes(4).toString('hex')}`;
    const password = randomBytes(16).toString('hex');
    // Ports of our own choice: Docker would choose others at every start.
    const ports = await freePorts([undefined, undefined]);
    const container = new BrokerContainer(name, `faults:${password}`, ports);
    const [amqp = 0, management = 0] = ports;
    await docker(
      'run',
      '--detach',
      '--name',
      name,
      '--hostname',
      name,
      ...[
        ...['--publish', `127.0.0.1:${amqp}:5672`, '--publish', `127.0.0.1:${management}:15672`],
        ...['--env', 'RABBITMQ_DEFAULT_USER=faults', '--env', `RABBITMQ_DEFAULT_PASS=${password}`],
        ...['--env', 'RABBITMQ_DEFAULT_VHOST=faults', image],
      ],
    );
    try {
      await container.up();
    } catch (error) {
      await container.remove();
      throw error;
    }
    return container;
  }

  /** SIGKILL ends it at once; anything else lets it end in good order. */
  async end(signal: NodeJS.Signals): Promise<void> {
    await (signal === 'SIGKILL' ? docker('kill', this.#name) : docker('stop', this.#name));
  }

  /** Starts it again with its data. Resolves with performance.now() of when it took clients. */
  async revive(): Promise<number> {
    await docker('start', this.#name);
    return this.up();
  }

  async signal(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    await docker(FREEZE[signal], this.#name);
  }

  async rabbitmqctl(args: readonly string[]): Promise<string> {
    return docker('exec', this.#name, 'rabbitmqctl', '--quiet', ...args);
  }

  async remove(): Promise<void> {
    await docker('rm', '--force', '--volumes', this.#name);
  }

  /** By a handshake: the port of a container takes connections before anybody listens behind it. */
  async up(): Promise<number> {
    for (const until = performance.now() + UP_WITHIN_MS; ;) {
      try {
        return await connected(this.urls.RABBITMQ_URL, async () => performance.now());
      } catch (error) {
        if (performance.now() > until)
          throw new Error(`${this.#name} takes no clients within ${UP_WITHIN_MS / 1_000} s`, {
            cause: error,
          });
        await wait(POLL_MS);
      }
    }
  }
}

async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await execute('docker', args, { timeout: COMMAND_TIMEOUT_MS });
  return stdout.trim();
}
