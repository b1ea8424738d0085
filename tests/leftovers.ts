import type { StackUrls } from '../infra/local-stack/state.ts';
import { manage } from './management-api.ts';
import { dropDatabase, runAlone } from './template-database.ts';

/** Removes the databases and virtual hosts that killed runs left on the tests' own servers. Only while no other run uses them. */
export async function removeLeftovers(urls: StackUrls): Promise<void> {
  await Promise.all([removeDatabases(urls.DATABASE_URL), removeVhosts(urls.RABBITMQ_MANAGEMENT_URL)]);
}

async function removeDatabases(url: string): Promise<void> {
  const sql = `SELECT datname FROM pg_database WHERE datname ~ '^(test|draft)_'`;
  for (const { datname } of (await runAlone(url, sql)) as { datname: string }[]) {
    await dropDatabase(url, datname);
  }
}

async function removeVhosts(managementUrl: string): Promise<void> {
  const vhosts = (await manage(managementUrl, { method: 'GET', path: '/api/vhosts' })) as { name: string }[];
  for (const { name } of vhosts.filter((vhost) => vhost.name.startsWith('test_'))) {
    await manage(managementUrl, { method: 'DELETE', path: `/api/vhosts/${name}` });
  }
}
