import { createHash, randomBytes } from 'node:crypto';
import { Client } from 'pg';

import { migrate, readMigrations } from '../shared/postgres/migrate.ts';

/** The URL of another database on the same server. */
export function databaseUrl(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

/** One query on a connection of its own, outside of any transaction. */
export async function runAlone(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url, application_name: 'enrichment-tests' });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/**
 * Drops a database, whoever is still connected to it. `WITH (FORCE)` fails while an autovacuum of the server works in it,
 * which only a superuser may end so; dropping ends it by itself, and waits for those who were sent away.
 */
export async function dropDatabase(url: string, name: string): Promise<void> {
  await runAlone(url, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await runAlone(
    url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND usename = current_user`,
  );
  await runAlone(url, `DROP DATABASE ${name}`);
}

/**
 * Makes the migrated database that test files copy, unless there is one of exactly these migrations, and returns its name. Two
 * runs at once may both make it: the first that is done gives it the name.
 */
export async function ensureTemplateDatabase(url: string, migrations: string): Promise<string> {
  const checksums = (await readMigrations(migrations)).map((one) => `${one.name} ${one.checksum}`);
  const name = `template_${createHash('sha256').update(checksums.join('\n')).digest('hex').slice(0, 12)}`;
  if (await exists(url, name)) return name;
  const draft = `draft_${randomBytes(6).toString('hex')}`;
  await runAlone(url, `CREATE DATABASE ${draft}`);
  await migrate(databaseUrl(url, draft), migrations);
  try {
    await runAlone(url, `ALTER DATABASE ${draft} RENAME TO ${name}`);
  } catch (error) {
    await runAlone(url, `DROP DATABASE ${draft}`);
    if (!(await exists(url, name))) throw error;
  }
  return name;
}

async function exists(url: string, name: string): Promise<boolean> {
  return (await runAlone(url, `SELECT 1 FROM pg_database WHERE datname = '${name}'`)).length > 0;
}
