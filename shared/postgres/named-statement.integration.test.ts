import type { Pool } from 'pg';
import { openTestDatabase, type TestDatabase } from '../../tests/harness.ts';
import { named } from './named-statement.ts';
import { openPool, withTransaction } from './pool.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await openTestDatabase();
  pool = openPool({ url: database.url, max: 1, applicationName: 'names-test' });
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

const double = (number: number): Promise<number> =>
  withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ twice: number }>(
      named('select $1::integer * 2 as twice', [number]),
    );
    return rows[0]?.twice ?? NaN;
  });

async function knownStatements(): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    "select count(*)::integer as count from pg_prepared_statements where name like 'enrichment_%'",
  );
  return rows[0]?.count ?? NaN;
}

test('a statement is parsed once for a connection; where a pooler forgets it, it goes on without a name', async () => {
  expect([await double(1), await double(2), await knownStatements()]).toEqual([2, 4, 1]);
  // What a pooler does that hands out another connection of its own.
  await pool.query('deallocate all');
  expect([await double(3), await double(4), await knownStatements()]).toEqual([6, 8, 0]);
});
