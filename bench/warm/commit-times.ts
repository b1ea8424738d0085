/** The speed of a contender, read off its rows: no counter runs beside it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from '../../shared/postgres/pool.ts';

export interface Table {
  readonly name: string;
  readonly idColumn: string;
}

export interface Run {
  readonly owner: string;
  readonly tasks: number;
}

/** The first fifth is start-up and compilation, the end of a run is a queue that runs empty. */
const FROM = 0.2;
const TO = 0.95;
const POLL_MS = 100;
/** And a second more for each 500 tasks: slower than any machine that is worth a measurement. */
const DEADLINE_MS = 120_000;
const SLOWEST_PER_MS = 0.5;

/**
 * Resolves with the tasks a second between the first fifth and the last twentieth of the rows once all are there, by the
 * time of their transactions. Rejects when that takes minutes too long.
 */
export async function ratedByCommits(db: Pool, table: Table, run: Run): Promise<number> {
  await allCommitted(db, table, run);
  return rateBetween(db, table, run, [FROM, TO]);
}

/** Resolves once every row of the run is there. */
export async function allCommitted(db: Pool, table: Table, { owner, tasks }: Run): Promise<void> {
  const last = `${owner}-${tasks - 1}`;
  const deadline = performance.now() + DEADLINE_MS + tasks / SLOWEST_PER_MS;
  // A look at one key costs the server nothing; counting is for when it is there.
  while (!(await isThere(db, table, owner, last)) || (await countOf(db, table, owner)) < tasks) {
    if (performance.now() > deadline) {
      const rows = await countOf(db, table, owner);
      throw new Error(`${table.name}: ${rows} of ${tasks} rows in time`);
    }
    await delay(POLL_MS);
  }
}

/** Tasks a second between two parts of the rows, by the time of their transactions. */
export async function rateBetween(
  db: Pool,
  table: Table,
  { owner, tasks }: Run,
  [from, to]: readonly [number, number],
): Promise<number> {
  const { rows } = await db.query<{ seconds: number }>(
    `select extract(epoch from percentile_disc($2::float8) within group (order by updated_at)
       - percentile_disc($3::float8) within group (order by updated_at))::float8 as seconds
     from ${table.name} where owner = $1`,
    [owner, to, from],
  );
  return ((to - from) * tasks) / (rows[0]?.seconds ?? NaN);
}

async function isThere(db: Pool, { name, idColumn }: Table, owner: string, id: string): Promise<boolean> {
  const { rowCount } = await db.query(`select from ${name} where owner = $1 and ${idColumn} = $2`, [
    owner,
    id,
  ]);
  return rowCount === 1;
}

async function countOf(db: Pool, { name }: Table, owner: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::int as count from ${name} where owner = $1`,
    [owner],
  );
  return rows[0]?.count ?? 0;
}
