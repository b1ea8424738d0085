import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { openTestDatabase, type TestDatabase } from '../../tests/harness.ts';
import { migrate, MigrationError, migrationStatus, readMigrations, rollback } from './migrate.ts';

const MIGRATIONS = join(import.meta.dirname, '../../infra/postgres/migrations');

let database: TestDatabase;
let client: Client;
let folder: string;

beforeAll(async () => {
  database = await openTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});

beforeEach(async () => {
  await client.query('drop schema public cascade; create schema public');
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
});

afterEach(() => rm(folder, { recursive: true }));

afterAll(async () => {
  await client.end();
  await database.close();
});

async function write(name: string, up: string, down = 'select 1'): Promise<void> {
  await writeFile(join(folder, `${name}_up.sql`), up);
  await writeFile(join(folder, `${name}_down.sql`), down);
}

const columnsOf = async (table: string): Promise<string[]> => {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum`,
    [table],
  );
  return rows.map(({ name, type }) => `${name} ${type}`);
};

const objects = async (): Promise<string[]> => {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace
     union all select proname from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
  );
  return rows.map((row) => row.name);
};

describe('migrations', () => {
  test('are applied once, in order, also when two processes start at once', async () => {
    await write('001_first', 'create table first (id integer)');
    await write('002_second', 'alter table first add second integer');
    const both = await Promise.all([migrate(database.url, folder), migrate(database.url, folder)]);
    expect(both.flat()).toEqual(['001_first', '002_second']);
    await write('003_third', 'alter table first add third integer');
    expect(await migrate(database.url, folder)).toEqual(['003_third']);
    expect(await columnsOf('first')).toEqual(['id integer', 'second integer', 'third integer']);
  });

  test('that fail leave nothing of themselves, keep those before, and are named', async () => {
    await write('001_first', 'create table first (id integer)');
    await write('002_broken', 'create table second (id integer); select 1 / 0');
    await expect(migrate(database.url, folder)).rejects.toThrow(/^002_broken: division by zero$/);
    expect(await objects()).toEqual(expect.arrayContaining(['first', 'schema_migrations']));
    expect(await objects()).not.toContain('second');
    await write('002_broken', 'create table second (id integer)');
    expect(await migrate(database.url, folder)).toEqual(['002_broken']);
  });

  test('that were changed after they were applied are refused, but not for their line ends', async () => {
    await write('001_first', 'create table first (\n id integer)');
    await migrate(database.url, folder);
    await write('001_first', 'create table first (\r\n id integer)');
    expect(await migrate(database.url, folder)).toEqual([]);
    await write('001_first', 'create table first (id bigint)');
    await write('002_second', 'create table second (id integer)');
    await expect(migrate(database.url, folder)).rejects.toThrow(MigrationError);
    expect(await objects()).not.toContain('second');
    expect((await migrationStatus(database.url, folder)).map(({ state }) => state)).toEqual([
      'changed',
      'pending',
    ]);
  });

  test('below an applied number are refused', async () => {
    await write('002_second', 'create table second (id integer)');
    await migrate(database.url, folder);
    await write('001_first', 'create table first (id integer)');
    await expect(migrate(database.url, folder)).rejects.toThrow('001_first: comes before 002_second');
  });

  test('of a newer release are left alone, and not taken back without their files', async () => {
    await write('001_first', 'create table first (id integer)');
    await write('002_newer', 'create table newer (id integer)');
    await migrate(database.url, folder);
    await rm(join(folder, '002_newer_up.sql'));
    await rm(join(folder, '002_newer_down.sql'));
    expect(await migrate(database.url, folder)).toEqual([]);
    await expect(rollback(database.url, folder, 2)).rejects.toThrow(MigrationError);
    expect((await migrationStatus(database.url, folder)).map(({ state }) => state)).toEqual([
      'applied',
      'unknown',
    ]);
  });

  test('are taken back newest first, as many as asked for', async () => {
    await write('001_first', 'create table first (id integer)', 'drop table first');
    await write('002_second', 'alter table first add second integer', 'alter table first drop second');
    await migrate(database.url, folder);
    expect(await rollback(database.url, folder, 1)).toEqual(['002_second']);
    expect(await columnsOf('first')).toEqual(['id integer']);
    expect(await migrate(database.url, folder)).toEqual(['002_second']);
    expect(await rollback(database.url, folder, 9)).toEqual(['002_second', '001_first']);
  });

  test('have numbered names, two directions and numbers of their own', async () => {
    await write('001_first', 'select 1');
    await writeFile(join(folder, 'notes.sql'), '');
    await expect(readMigrations(folder)).rejects.toThrow('notes.sql: expected NNN_name_up.sql');
    await rm(join(folder, 'notes.sql'));
    await write('001_again', 'select 1');
    await expect(readMigrations(folder)).rejects.toThrow('its number is used twice');
    await rm(join(folder, '001_again_down.sql'));
    await expect(readMigrations(folder)).rejects.toThrow('001_again: cannot read its _down.sql');
  });
});

describe('the schema', () => {
  test('goes down to nothing and up again', async () => {
    const names = (await readMigrations(MIGRATIONS)).map((one) => one.name);
    expect(await migrate(database.url, MIGRATIONS)).toEqual(names);
    const full = await objects();
    expect(await rollback(database.url, MIGRATIONS, names.length)).toEqual(names.toReversed());
    expect(await objects()).toEqual(['schema_migrations', 'schema_migrations_pkey']);
    await migrate(database.url, MIGRATIONS);
    expect(await objects()).toEqual(full);
  });

  test('adds the metadata columns of the deployment guide', async () => {
    await migrate(database.url, MIGRATIONS);
    expect(await columnsOf('tracks')).toEqual(
      expect.arrayContaining([
        'enrichment_timestamp timestamp with time zone',
        'enrichment_source_api character varying(50)',
        'source_data_version character varying(100)',
      ]),
    );
  });

  test('extends a table that a user owns, and a rollback leaves it as it was', async () => {
    await client.query(`
      create table tracks (id serial primary key, track_id varchar(80), title varchar(300), enrichment_status varchar(20));
      insert into tracks (track_id, title) values ('t1', 'Strobe'), (null, 'No id')`);
    const before = await columnsOf('tracks');
    await migrate(database.url, MIGRATIONS);
    expect(await columnsOf('tracks')).toEqual([
      ...before,
      ...(await columnsOf('tracks')).slice(before.length),
    ]);
    await client.query(`insert into tracks (owner, track_id, title) values ('', 't1', 'x')
      on conflict (owner, track_id) do update set artist = 'Deadmau5'`);
    const { rows } = await client.query('select title, artist from tracks order by id');
    expect(rows).toEqual([
      { title: 'Strobe', artist: 'Deadmau5' },
      { title: 'No id', artist: null },
    ]);
    await rollback(database.url, MIGRATIONS, 99);
    expect(await columnsOf('tracks')).toEqual(before);
    const left = await client.query('select track_id, title, enrichment_status from tracks order by id');
    expect(left.rows).toEqual([
      { track_id: 't1', title: 'Strobe', enrichment_status: null },
      { track_id: null, title: 'No id', enrichment_status: null },
    ]);
  });

  test('shows typed columns in its views, and null for a value of another type', async () => {
    await migrate(database.url, MIGRATIONS);
    const good = {
      duration_ms: 634_000,
      isrcs: ['XX1'],
      artists: [{ name: 'A' }, { name: 'B' }],
      explicit: true,
    };
    const odd = { duration_ms: 'long', isrcs: 'XX1', artists: null, explicit: 1 };
    await client.query("insert into tracks (track_id, enriched) values ('good', $1), ('odd', $2)", [
      good,
      odd,
    ]);
    const { rows } = await client.query(
      'select duration_ms::text, isrcs, artists, explicit from enriched_tracks order by track_id',
    );
    expect(rows).toEqual([
      { duration_ms: '634000', isrcs: ['XX1'], artists: ['A', 'B'], explicit: true },
      { duration_ms: null, isrcs: null, artists: null, explicit: null },
    ]);
  });

  test('derives the progress of a job from its counters', async () => {
    await migrate(database.url, MIGRATIONS);
    const { rows } = await client.query<{ progress_percent: string; status: string }>(
      `insert into background_jobs (job_type, total_items, processed_items, failed_items)
       values ('csv', 3, 1, 1), ('csv', 0, 0, 0) returning progress_percent, status`,
    );
    expect(rows).toEqual([
      { progress_percent: '66.67', status: 'queued' },
      { progress_percent: '0.00', status: 'queued' },
    ]);
  });
});
