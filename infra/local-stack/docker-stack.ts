import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { currentEnvironment } from '../../shared/runtime/environment.ts';
import { type Instance, passwordOf } from './instance.ts';
import type { StackState } from './state.ts';

const execute = promisify(execFile);
const COMPOSE_FILE = join(import.meta.dirname, 'docker-compose.yml');
/** An engine that hangs must not hold up the servers that the machine has. */
const ANSWER_TIMEOUT_MS = 5_000;
/** Pulling three images over a slow line. */
const UP_TIMEOUT_MS = 10 * 60_000;

interface DockerStackOptions {
  readonly disposable: boolean;
  readonly report: (line: string) => void;
}

/**
 * Brings the three servers of the compose file beside this one up and waits until their health checks pass. Undefined when no
 * engine answers, or when it cannot get the images or the ports: then it counts as none.
 */
export async function startDockerStack(
  instance: Instance,
  { disposable, report }: DockerStackOptions,
): Promise<StackState | undefined> {
  try {
    await ask(['version', '--format', '{{.Server.Version}}']);
    await ask(['compose', 'version']);
  } catch {
    return undefined;
  }
  report('Starting RabbitMQ, Redis and PostgreSQL with docker compose …');
  if (await succeeds(instance, ['up', '--detach', '--wait'], disposable)) {
    return { source: 'docker', urls: await urlsOf(instance), servers: {} };
  }
  report('The Docker engine could not start them: looking for servers on this machine instead');
  await succeeds(instance, ['down']);
  return undefined;
}

export async function stopDockerStack(instance: Instance, purge: boolean): Promise<void> {
  if (!(await succeeds(instance, ['down', ...(purge ? ['--volumes'] : [])]))) {
    throw new Error('docker compose could not stop the servers: see its output above');
  }
}

const compose = (instance: Instance, args: readonly string[]): string[] => [
  'compose',
  '--file',
  COMPOSE_FILE,
  '--project-name',
  instance.id,
  ...args,
];

const environmentOf = (instance: Instance, disposable: boolean): NodeJS.ProcessEnv => ({
  ...currentEnvironment(),
  STACK_PASSWORD: passwordOf(instance),
  STACK_FSYNC: disposable ? 'off' : 'on',
});

/** Compose's own progress goes to stderr: stdout belongs to whoever called. */
function succeeds(instance: Instance, args: readonly string[], disposable = false): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('docker', compose(instance, args), {
      stdio: ['ignore', 2, 2],
      env: environmentOf(instance, disposable),
      timeout: UP_TIMEOUT_MS,
    });
    child.once('error', () => {
      resolve(false);
    });
    child.once('exit', (code) => {
      resolve(code === 0);
    });
  });
}

async function ask(
  args: readonly string[],
  env: NodeJS.ProcessEnv = { ...currentEnvironment() },
): Promise<string> {
  const options = { timeout: ANSWER_TIMEOUT_MS, env };
  return (await execute('docker', args, options)).stdout.trim();
}

/** The engine chose the ports; names are those of the compose file. */
async function urlsOf(instance: Instance): Promise<StackState['urls']> {
  const env = environmentOf(instance, false);
  const addressOf = (service: string, port: number): Promise<string> =>
    ask(compose(instance, ['port', service, String(port)]), env);
  const [amqp, management, redis, postgres] = await Promise.all([
    addressOf('rabbitmq', 5672),
    addressOf('rabbitmq', 15_672),
    addressOf('redis', 6379),
    addressOf('postgres', 5432),
  ]);
  const password = passwordOf(instance);
  return {
    RABBITMQ_URL: `amqp://musicdb:${password}@${amqp}/musicdb`,
    RABBITMQ_MANAGEMENT_URL: `http://musicdb:${password}@${management}`,
    REDIS_URL: `redis://:${password}@${redis}/0`,
    DATABASE_URL: `postgres://musicdb_user:${password}@${postgres}/musicdb`,
  };
}
