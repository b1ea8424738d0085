import { openTestDatabase, type TestDatabase } from '../../tests/harness.ts';
import { openPool, type Pool } from './pool.ts';
import { purgePage } from './purge-provider.ts';
import { BEFORE_ALL, type RowKey } from './row-page.ts';
import { findSubmittedByTask, findSubmittedPage, type RowWish, type SubmittedRow } from './submitted-rows.ts';

const ROWS = 4_500;

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await openTestDatabase();
  pool = openPool({ url: database.url, max: 2, applicationName: 'test' });
  // Every third row is partial, every fifth is old, every second has a field of spotify beside one of musicbrainz.
  await pool.query(
    `insert into tracks (owner, track_id, artist, title, task_id, missing, enrichment_status, enrichment_timestamp,
                         answered_at, enrichment_source_api, enriched, provenance)
     select case when n % 7 = 0 then 'someone' else '' end, 't' || n, 'A', 'T' || n, 'task-' || n,
            case when n % 3 = 0 then array['deezer'] else '{}' end, 'enriched',
            case when n % 5 = 0 then now() - interval '40 days' else now() end, now(), 'musicbrainz',
            case when n % 2 = 0 then '{"a":1,"b":2}'::jsonb else '{"a":1}'::jsonb end,
            case when n % 2 = 0 then '{"a":{"provider":"musicbrainz"},"b":{"provider":"spotify"}}'::jsonb
                 else '{"a":{"provider":"musicbrainz"}}'::jsonb end
     from generate_series(1, $1) as n`,
    [ROWS],
  );
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

async function wanted(wish: RowWish): Promise<SubmittedRow[]> {
  const found: SubmittedRow[] = [];
  for (let after: RowKey | undefined = BEFORE_ALL; after !== undefined;) {
    const page = await findSubmittedPage(pool, 'tracks', wish, after);
    found.push(...page.rows);
    after = page.next;
  }
  return found;
}

test('the pages together hold every wanted row once, as it was submitted', async () => {
  const partial = await wanted({ partial: true });
  expect(new Set(partial.map(({ entity }) => entity['track_id'])).size).toBe(ROWS / 3);
  expect(partial).toHaveLength(ROWS / 3);
  expect(partial.find(({ entity }) => entity['track_id'] === 't21')).toEqual({
    owner: 'someone',
    entity: { track_id: 't21', artist: 'A', title: 'T21' },
    extra: {},
    missing: ['deezer'],
    source: 'musicbrainz',
  });
  const old = await wanted({ olderThan: Date.now() - 30 * 86_400_000 });
  expect(old).toHaveLength(ROWS / 5);
});

test('a row is found by the task that changed it', async () => {
  expect(await findSubmittedByTask(pool, 'tracks', 'task-8')).toMatchObject({ entity: { track_id: 't8' } });
  expect(await findSubmittedByTask(pool, 'tracks', 'task-none')).toBeUndefined();
});

test('a purge goes through all pages, takes one provider’s fields and leaves every other one', async () => {
  const purge = async (isDryRun: boolean): Promise<{ rows: number; fields: number; seen: number }> => {
    const sums = { rows: 0, fields: 0, seen: 0 };
    for (let after: RowKey | undefined = BEFORE_ALL; after !== undefined;) {
      const page = await purgePage(pool, 'tracks', { provider: 'spotify', isDryRun }, after);
      sums.rows += page.rows;
      sums.fields += page.fields;
      sums.seen += page.seen;
      after = page.next;
    }
    return sums;
  };
  const all = { rows: ROWS / 2, fields: ROWS / 2, seen: ROWS };
  expect(await purge(true)).toEqual(all);
  expect(await purge(false)).toEqual(all);
  expect(await purge(false)).toEqual({ rows: 0, fields: 0, seen: ROWS });
  const { rows } = await pool.query(
    `select enriched, provenance, enrichment_source_api as source, count(*)::int from tracks group by 1, 2, 3`,
  );
  expect(rows).toEqual([
    {
      enriched: { a: 1 },
      provenance: { a: { provider: 'musicbrainz' } },
      source: 'musicbrainz',
      count: ROWS,
    },
  ]);
});

test('an empty table has one page with nothing in it', async () => {
  expect(await findSubmittedPage(pool, 'movies', { partial: true }, BEFORE_ALL)).toEqual({
    rows: [],
    next: undefined,
  });
  expect(await purgePage(pool, 'movies', { provider: 'tmdb', isDryRun: false }, BEFORE_ALL)).toMatchObject({
    next: undefined,
    seen: 0,
  });
});
