import { join } from 'node:path';

import { startStack } from '../infra/local-stack/stack.ts';
import { removeLeftovers } from './leftovers.ts';
import { othersRun, registerRun } from './run-register.ts';
import { ensureTemplateDatabase } from './template-database.ts';
import { publishTestServers } from './test-servers.ts';

/** Before the first integration test: servers, and the database that every file copies. Says what it does when it takes a while. */
export default async function setUp(): Promise<void> {
  const report = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  registerRun();
  const urls = await startStack({ name: 'test', disposable: true, migrated: false, report });
  const own = process.env['ENRICHMENT_STACK'] !== 'external';
  if (own && !othersRun()) await removeLeftovers(urls);
  const migrations = join(import.meta.dirname, '..', 'infra/postgres/migrations');
  const template = await ensureTemplateDatabase(urls.DATABASE_URL, migrations);
  publishTestServers({
    ...urls,
    TEST_TEMPLATE_DATABASE: template,
    TEST_STACK: own ? 'own' : 'external',
  });
}
