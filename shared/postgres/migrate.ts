/**
 * Numbered SQL migrations, `NNN_name_up.sql` with `NNN_name_down.sql`. Every operation holds a session lock from the
 * first to the last file, which a pooler in transaction mode cannot give: the URL must lead to the server itself.
 * A file runs in one transaction together with its record, so it is applied whole or not at all.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';

/** Any fixed number: the same for every release, so that two of them do not migrate at once. */
const LOCK_KEY = 4_711_008;

/** A statement that waits for a table lock makes all later queries of that table wait behind it. */
const LOCK_TIMEOUT = '30s';

/** Thrown before anything is changed when files and database do not fit together; names the file. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

export interface Migration {
  readonly number: number;
  /** The file name without `_up.sql`: "008_enrichment_metadata_fields". */
  readonly name: string;
  readonly up: string;
  readonly down: string;
  /** Of the up file, with line ends as on Unix: a checkout on Windows is no change. */
  readonly checksum: string;
}

export interface MigrationStatus {
  readonly name: string;
  /** `unknown`: applied by a newer release whose file is not here. */
  readonly state: 'applied' | 'pending' | 'changed' | 'unknown';
  readonly appliedAt?: Date;
}

interface Applied {
  readonly name: string;
  readonly checksum: string;
  readonly applied_at: Date;
}

/**
 * Applies what is not applied yet, in order, and returns the names; waits while another process migrates.
 * Migrations of a newer release are left alone. Throws MigrationError when an applied file was changed or a new one
 * has a number below an applied one.
 */
export async function migrate(databaseUrl: string, directory: string): Promise<string[]> {
  const migrations = await readMigrations(directory);
  return withLock(databaseUrl, async (client) => {
    const pending = pendingOf(migrations, await readApplied(client));
    for (const { name, up, checksum } of pending) {
      await runAlone(client, name, up, {
        text: 'insert into schema_migrations (name, checksum) values ($1, $2)',
        values: [name, checksum],
      });
    }
    return pending.map((migration) => migration.name);
  });
}

/**
 * Takes the last `count` applied migrations back, newest first, and returns their names. What was stored in what they
 * created is gone. Throws MigrationError when the down file of one of them is not here, before it changes anything.
 */
export async function rollback(databaseUrl: string, directory: string, count: number): Promise<string[]> {
  const migrations = new Map((await readMigrations(directory)).map((one) => [one.name, one]));
  return withLock(databaseUrl, async (client) => {
    const last = (await readApplied(client)).reverse().slice(0, count);
    const steps = last.map(({ name }) => {
      const migration = migrations.get(name);
      if (!migration)
        throw new MigrationError(`${name}: was applied by another release, its files are not here`);
      return migration;
    });
    for (const { name, down } of steps) {
      await runAlone(client, name, down, {
        text: 'delete from schema_migrations where name = $1',
        values: [name],
      });
    }
    return steps.map((migration) => migration.name);
  });
}

/** Every migration that the files or the database know of, in order. */
export async function migrationStatus(databaseUrl: string, directory: string): Promise<MigrationStatus[]> {
  const migrations = new Map((await readMigrations(directory)).map((one) => [one.name, one]));
  return withLock(databaseUrl, async (client) => {
    const applied = new Map((await readApplied(client)).map((one) => [one.name, one]));
    const names = [...new Set([...migrations.keys(), ...applied.keys()])].sort();
    return names.map((name) => {
      const done = applied.get(name);
      const file = migrations.get(name);
      if (!done) return { name, state: 'pending' };
      const state = !file ? 'unknown' : file.checksum === done.checksum ? 'applied' : 'changed';
      return { name, state, appliedAt: done.applied_at };
    });
  });
}

/** Reads the folder. Throws MigrationError for a file that is named otherwise, a number used twice or a missing half. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.sql')).sort();
  const stray = files.find((file) => !/^\d{3}_[a-z0-9_]+_(up|down)\.sql$/.test(file));
  if (stray !== undefined)
    throw new MigrationError(`${stray}: expected NNN_name_up.sql or NNN_name_down.sql`);
  const names = [...new Set(files.map((file) => file.replace(/_(up|down)\.sql$/, '')))];
  const migrations = await Promise.all(names.map((name) => readMigration(directory, name)));
  for (const [index, { name, number }] of migrations.entries()) {
    if (migrations[index + 1]?.number === number)
      throw new MigrationError(`${name}: its number is used twice`);
  }
  return migrations;
}

async function readMigration(directory: string, name: string): Promise<Migration> {
  const read = async (direction: string): Promise<string> => {
    try {
      return await readFile(join(directory, `${name}_${direction}.sql`), 'utf8');
    } catch (error) {
      throw new MigrationError(`${name}: cannot read its _${direction}.sql`, { cause: error });
    }
  };
  const [up, down] = await Promise.all([read('up'), read('down')]);
  const checksum = createHash('sha256').update(up.replaceAll('\r\n', '\n')).digest('hex');
  return { number: Number(name.slice(0, 3)), name, up, down, checksum };
}

function pendingOf(migrations: readonly Migration[], applied: readonly Applied[]): Migration[] {
  const checksums = new Map(applied.map((one) => [one.name, one.checksum]));
  const changed = migrations.find(({ name, checksum }) => (checksums.get(name) ?? checksum) !== checksum);
  if (changed) {
    throw new MigrationError(
      `${changed.name}: was changed after it was applied; write a new migration instead`,
    );
  }
  const pending = migrations.filter(({ name }) => !checksums.has(name));
  const newest = applied.at(-1)?.name ?? '';
  const late = pending.find(({ name }) => name < newest);
  if (late) throw new MigrationError(`${late.name}: comes before ${newest}, which is applied already`);
  return pending;
}

async function readApplied(client: Client): Promise<Applied[]> {
  const table = await client.query<{ found: boolean }>(
    "select to_regclass('schema_migrations') is not null as found",
  );
  if (table.rows[0]?.found !== true) {
    await client.query(
      'create table schema_migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())',
    );
  }
  const { rows } = await client.query<Applied>(
    'select name, checksum, applied_at from schema_migrations order by name collate "C"',
  );
  return rows;
}

async function runAlone(
  client: Client,
  name: string,
  sql: string,
  record: { text: string; values: string[] },
): Promise<void> {
  try {
    await client.query(`begin; set local lock_timeout = '${LOCK_TIMEOUT}'`);
    await client.query(sql);
    await client.query(record);
    await client.query('commit');
  } catch (error) {
    // The connection is closed right after: an open transaction ends with it, whatever state it is in.
    throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
  }
}

async function withLock<T>(databaseUrl: string, run: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'enrichment-migrate' });
  // Without a listener a server that goes away between two statements ends the process; the next query reports it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK_KEY]);
    return await run(client);
  } finally {
    await client.end();
  }
}
