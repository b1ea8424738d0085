/**
 * What a run of the tests and its files tell each other, through the environment that jest's workers inherit.
 */
import type { StackUrls } from '../infra/local-stack/state.ts';

export interface TestServers extends StackUrls {
  /** Migrated database that every file copies; nobody connects to it. */
  readonly TEST_TEMPLATE_DATABASE: string;
  /** `private`: made by the local stack for the tests alone, so that a file may have a Redis database to itself. */
  readonly TEST_STACK: 'own' | 'external';
}

const names = [
  'RABBITMQ_URL',
  'REDIS_URL',
  'DATABASE_URL',
  'RABBITMQ_MANAGEMENT_URL',
  'TEST_TEMPLATE_DATABASE',
  'TEST_STACK',
] as const satisfies readonly (keyof TestServers)[];

export function publishTestServers(servers: TestServers): void {
  Object.assign(process.env, servers);
}

/** Throws when the global set-up of the integration tests has not run. */
export function testServers(): TestServers {
  const missing = names.filter((name) => process.env[name] === undefined);
  if (missing.length > 0) {
    throw new Error(
      `no test servers (${missing.join(', ')} not set): name the file *.integration.test.ts and run it with jest from the root`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, process.env[name]])) as unknown as TestServers;
}
