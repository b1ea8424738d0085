/** What a database says about itself to whoever may use it. Nothing is written, locked or left behind. */
import { Client } from 'pg';
import { readMigrations } from './migrate.ts';

export interface PostgresFacts {
  /** 150018 = 15.18. */
  readonly version: number;
  readonly user: string;
  /** Of the server's clock less that of this machine, in milliseconds; known to half of `roundTripMs`. */
  readonly skewMs: number;
  readonly roundTripMs: number;
  readonly isReadOnly: boolean;
  readonly maxConnections: number;
  readonly connections: number;
  /** `none` = the server itself answers. `session` keeps a connection of the server for each client. */
  readonly pooler: 'none' | 'transaction' | 'session';
  /** Names of migrations, by what is wrong with them; undefined = nothing was ever applied. */
  readonly migrations: MigrationDrift | undefined;
  /** Tables in which the user may not read and write rows. */
  readonly forbiddenTables: readonly string[];
}

export interface MigrationDrift {
  readonly pending: readonly string[];
  readonly changed: readonly string[];
  readonly unknown: readonly string[];
}

interface Row {
  readonly version: number;
  readonly user: string;
  readonly now: number;
  readonly backend: number;
  readonly read_only: boolean;
  readonly max_connections: number;
  readonly connections: number;
  readonly has_migrations: boolean;
  readonly forbidden: readonly string[];
}

const FACTS = `
select current_setting('server_version_num')::int as version, current_user::text as user,
  (extract(epoch from clock_timestamp()) * 1000)::float8 as now, pg_backend_pid() as backend,
  pg_is_in_recovery() or current_setting('transaction_read_only')::bool as read_only,
  current_setting('max_connections')::int as max_connections,
  (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections,
  to_regclass('schema_migrations') is not null as has_migrations,
  array(select relname::text from pg_class
    where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname <> 'schema_migrations'
      and not (has_table_privilege(oid, 'select') and has_table_privilege(oid, 'insert')
        and has_table_privilege(oid, 'update') and has_table_privilege(oid, 'delete'))
    order by relname) as forbidden`;

const TIMEOUT_MS = 5_000;

/** @param directory of the migrations. Rejects with the reason when the database cannot be used. */
export async function inspectPostgres(databaseUrl: string, directory: string): Promise<PostgresFacts> {
  return withClient(databaseUrl, async (client) => {
    // Once for nothing: the first statement of a connection pays for what the server loads.
    await client.query('select 1');
    const [sentAt, startedAt] = [Date.now(), performance.now()];
    const { rows } = await client.query<Row>(FACTS);
    const roundTripMs = performance.now() - startedAt;
    const row = rows[0];
    if (row === undefined) throw new Error('it answers nothing');
    return {
      version: row.version,
      user: row.user,
      skewMs: row.now - (sentAt + roundTripMs / 2),
      roundTripMs,
      isReadOnly: row.read_only,
      maxConnections: row.max_connections,
      connections: row.connections,
      pooler: await poolerOf(client, databaseUrl, row.backend),
      migrations: row.has_migrations ? await driftIn(client, directory) : undefined,
      forbiddenTables: row.forbidden,
    };
  });
}

async function driftIn(client: Client, directory: string): Promise<MigrationDrift> {
  const files = new Map((await readMigrations(directory)).map(({ name, checksum }) => [name, checksum]));
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from schema_migrations',
  );
  const applied = new Map(rows.map(({ name, checksum }) => [name, checksum]));
  const here = [...files].filter(([name]) => applied.has(name));
  return {
    pending: [...files.keys()].filter((name) => !applied.has(name)),
    changed: here.filter(([name, checksum]) => applied.get(name) !== checksum).map(([name]) => name),
    unknown: [...applied.keys()].filter((name) => !files.has(name)),
  };
}

/** Tries of a second client to get the connection that the first one has just used. */
const TRIES = 5;

/**
 * A pooler makes up the process id that it greets its clients with. In transaction mode the server's connection of an
 * idle client is given to the next one, the latest used first; in session mode never. Under load others may get it in
 * every try, and transaction mode is taken for session mode.
 */
async function poolerOf(
  client: Client,
  databaseUrl: string,
  backend: number,
): Promise<PostgresFacts['pooler']> {
  const { processID } = client as unknown as { readonly processID: number | null };
  if (processID === backend) return 'none';
  return withClient(databaseUrl, async (other) => {
    for (let left = TRIES; left > 0; left -= 1) {
      const used = await backendOf(client);
      if ((await backendOf(other)) === used) return 'transaction';
    }
    return 'session';
  });
}

const backendOf = async (client: Client): Promise<number | undefined> =>
  (await client.query<{ backend: number }>('select pg_backend_pid() as backend')).rows[0]?.backend;

async function withClient<T>(databaseUrl: string, run: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'enrich-doctor',
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
