import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { currentEnvironment } from '../../shared/runtime/environment.ts';
import type { Instance } from './instance.ts';
import type { StackState } from './state.ts';

const execute = promisify(execFile);
const SERVICES = ['rabbitmq', 'redis', 'postgres'];
/** An engine that hangs must not hold up the servers that the machine has. */
const ANSWER_TIMEOUT_MS = 5_000;
/** Pulling three images over a slow line. */
const UP_TIMEOUT_MS = 10 * 60_000;

interface ComposeService {
  readonly environment?: Readonly<Record<string, string | null>>;
}

/**
 * Brings the three servers of the compose file up and waits until their health checks pass. Undefined when there is no compose
 * file, no engine answers, or the engine cannot get the images or the ports: then it counts as none.
 */
export async function startDockerStack(
  instance: Instance,
  report: (line: string) => void,
): Promise<StackState | undefined> {
  if (!existsSync(join(instance.root, 'docker-compose.yml'))) return undefined;
  try {
    await ask(['version', '--format', '{{.Server.Version}}']);
    await ask(['compose', 'version']);
  } catch {
    return undefined;
  }
  report('Starting RabbitMQ, Redis and PostgreSQL with docker compose …');
  if (await succeeds(instance, ['up', '--detach', '--wait', ...SERVICES])) {
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
  '--project-directory',
  instance.root,
  '--file',
  join(instance.root, 'docker-compose.yml'),
  '--project-name',
  instance.id,
  ...args,
];

/** Compose's own progress goes to stderr: stdout belongs to whoever called. */
function succeeds(instance: Instance, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('docker', compose(instance, args), {
      stdio: ['ignore', 2, 2],
      env: { ...currentEnvironment() },
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

async function ask(args: readonly string[]): Promise<string> {
  const options = { timeout: ANSWER_TIMEOUT_MS, env: { ...currentEnvironment() } };
  return (await execute('docker', args, options)).stdout.trim();
}

async function urlsOf(instance: Instance): Promise<StackState['urls']> {
  const config = await ask(compose(instance, ['config', '--format', 'json']));
  const { services } = JSON.parse(config) as { services: Record<string, ComposeService | undefined> };
  const given = (service: string, key: string, otherwise: string): string =>
    encodeURIComponent(services[service]?.environment?.[key] ?? otherwise);
  const addressOf = async (service: string, port: number): Promise<string> => {
    const address = await ask(compose(instance, ['port', service, String(port)]));
    return address.replace(/^0\.0\.0\.0:/, '127.0.0.1:');
  };
  const broker = `${given('rabbitmq', 'RABBITMQ_DEFAULT_USER', 'guest')}:${given('rabbitmq', 'RABBITMQ_DEFAULT_PASS', 'guest')}`;
  const database = `${given('postgres', 'POSTGRES_USER', 'postgres')}:${given('postgres', 'POSTGRES_PASSWORD', '')}`;
  const [amqp, management, redis, postgres] = await Promise.all([
    addressOf('rabbitmq', 5672),
    addressOf('rabbitmq', 15_672),
    addressOf('redis', 6379),
    addressOf('postgres', 5432),
  ]);
  return {
    RABBITMQ_URL: `amqp://${broker}@${amqp}/${given('rabbitmq', 'RABBITMQ_DEFAULT_VHOST', '/')}`,
    RABBITMQ_MANAGEMENT_URL: `http://${broker}@${management}`,
    REDIS_URL: `redis://${redis}/0`,
    DATABASE_URL: `postgres://${database}@${postgres}/${given('postgres', 'POSTGRES_DB', 'postgres')}`,
  };
}
