import fc from 'fast-check';
import type { Pool } from 'pg';
import { openTestDatabase, type TestDatabase } from '../../tests/harness.ts';
import { OUTCOMES, type Provenance, type ResultRow } from '../task/result.ts';
import { isDataFault } from './database-fault.ts';
import { openPool, withTransaction } from './pool.ts';
import { BY_INDEX } from './named-statement.ts';
import { resultStatement } from './result-statement.ts';
import { saveResults } from './results.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await openTestDatabase();
  pool = openPool({ url: database.url, max: 4, applicationName: 'results-test' });
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

const save = (rows: readonly ResultRow[]): Promise<number> =>
  withTransaction(pool, (client) => saveResults(client, 'tracks', rows));

interface StoredTrack {
  readonly artist: string;
  readonly album: string | null;
  readonly extra: unknown;
  readonly enriched: Record<string, unknown>;
  readonly provenance: Record<string, Provenance>;
  readonly match: unknown;
  readonly match_confidence: number | null;
  readonly enrichment_status: string;
  readonly enrichment_source_api: string | null;
  readonly source_data_version: string | null;
  readonly enrichment_timestamp: Date | null;
  readonly answered_at: Date | null;
  readonly missing: string[];
  readonly task_id: string;
  /** Changes with every new version of the row; xmax also with a lock. */
  readonly version: string;
}

async function load(owner: string, id = 't1'): Promise<StoredTrack> {
  const { rows } = await pool.query<StoredTrack>(
    "select *, xmin || ' ' || xmax || ' ' || ctid as version from tracks where owner = $1 and track_id = $2",
    [owner, id],
  );
  expect(rows).toHaveLength(1);
  return rows[0]!;
}

/** An enriched track whose fields were all fetched from spotify at `at`. */
function enriched(
  owner: string,
  at: number,
  fields: Record<string, string> = { title: 'Strobe' },
): ResultRow {
  const origin = { provider: 'spotify', id: `sp-${at}`, fetched_at: at, expires_at: at + 1_000 };
  return {
    ...missed(owner, at),
    outcome: 'enriched',
    enriched: fields,
    provenance: Object.fromEntries(Object.keys(fields).map((field) => [field, origin])),
    match: { score: 0.9, matcherVersion: 'tracks-1', fields: [], rung: 'exact' },
    source: 'spotify',
  };
}

function missed(owner: string, at: number, outcome: ResultRow['outcome'] = 'not_found'): ResultRow {
  return {
    owner,
    id: 't1',
    taskId: `task-${at}`,
    entity: { artist: 'deadmau5', title: 'strobe' },
    extra: {},
    outcome,
    partial: false,
    missing: [],
    enriched: {},
    provenance: {},
    at,
  };
}

describe('a saved result', () => {
  test('holds what was submitted, what came out, why, and from where', async () => {
    const row = {
      ...enriched('whole', 1_700_000_000_123, { title: 'Strobe', album: 'For Lack of a Better Name' }),
      entity: { artist: 'deadmau5', title: 'strobe', duration_ms: 634_000, unheard_of: 'x' },
      extra: { scraped_by: 'crawler 7', nested: { a: [1, null] } },
      partial: true,
      missing: ['lastfm'],
      match: {
        score: 0.93,
        matcherVersion: 'tracks-1',
        rung: 'exact',
        fields: [{ field: 'title', distance: 0.1, weight: 3 }],
        runnerUp: { id: 'sp-2', title: 'Strobe (Live)', score: 0.4 },
      },
    } satisfies ResultRow;
    await expect(save([row])).resolves.toBe(1);
    await expect(load('whole')).resolves.toMatchObject({
      artist: 'deadmau5',
      title: 'strobe',
      album: null,
      duration_ms: 634_000,
      extra: row.extra,
      enriched: row.enriched,
      provenance: row.provenance,
      match: {
        score: 0.93,
        rung: 'exact',
        matcher_version: 'tracks-1',
        distances: [{ field: 'title', distance: 0.1, weight: 3 }],
        runner_up: { id: 'sp-2', title: 'Strobe (Live)', score: 0.4 },
      },
      match_confidence: 0.93,
      enrichment_status: 'enriched',
      enrichment_source_api: 'spotify',
      source_data_version: 'tracks-1',
      enrichment_timestamp: new Date(row.at),
      answered_at: new Date(row.at),
      missing: ['lastfm'],
      task_id: row.taskId,
    });
  });

  test('of a movie goes to its own table with its own fields', async () => {
    const movie = { ...missed('movie', 5), id: 'm1', entity: { title: 'Alien', year: 1979 } };
    await withTransaction(pool, (client) => saveResults(client, 'movies', [movie]));
    const { rows } = await pool.query("select movie_id, title, year from movies where owner = 'movie'");
    expect(rows).toEqual([{ movie_id: 'm1', title: 'Alien', year: 1979 }]);
  });

  test('that says nothing new is neither written nor locked, whichever task brings it', async () => {
    await save([enriched('same', 100)]);
    const before = await load('same');
    await expect(save([{ ...enriched('same', 100), taskId: 'another' }])).resolves.toBe(0);
    await expect(load('same')).resolves.toEqual(before);
  });

  test('that is older than all the row knows leaves no new version of it', async () => {
    await save([enriched('stale', 100)]);
    const before = await load('stale');
    await expect(save([enriched('stale', 50, { title: 'Old' }), missed('stale', 60)])).resolves.toBe(0);
    const { version: _version, ...after } = await load('stale');
    expect(before).toMatchObject(after);
    expect((await load('stale')).version.split(' ')[0]).toBe(before.version.split(' ')[0]);
  });

  test.each(['not_found', 'ambiguous', 'dead', 'cancelled'] as const)(
    'keeps its fields and its status when a later look-up ends %s',
    async (outcome) => {
      const owner = `later ${outcome}`;
      await save([enriched(owner, 100)]);
      await save([missed(owner, 200, outcome)]);
      await expect(load(owner)).resolves.toMatchObject({
        enrichment_status: 'enriched',
        enrichment_source_api: 'spotify',
        match_confidence: 0.9,
        enriched: { title: 'Strobe' },
      });
    },
  );

  test('of a partial look-up refreshes what it found and removes nothing', async () => {
    await save([enriched('partial', 100, { title: 'Strobe', album: 'Old album' })]);
    await save([{ ...enriched('partial', 200, { title: 'Strobe!' }), partial: true, missing: ['tmdb'] }]);
    const stored = await load('partial');
    expect(stored.enriched).toEqual({ title: 'Strobe!', album: 'Old album' });
    expect([stored.provenance['title']!.fetched_at, stored.provenance['album']!.fetched_at]).toEqual([
      200, 100,
    ]);
    expect(stored.missing).toEqual(['tmdb']);
  });

  test('that was cancelled gives way to the first verdict, also to an older one', async () => {
    await save([missed('cancelled', 300, 'cancelled')]);
    await save([missed('cancelled', 200)]);
    await expect(load('cancelled')).resolves.toMatchObject({ enrichment_status: 'not_found' });
  });

  test('leaves what the owner of the table had stored where nothing was submitted', async () => {
    await pool.query(
      "insert into tracks (owner, track_id, artist, album) values ('theirs', 't1', 'Deadmau5', 'Their album')",
    );
    await save([enriched('theirs', 100)]);
    await expect(load('theirs')).resolves.toMatchObject({ artist: 'deadmau5', album: 'Their album' });
  });
});

describe('a batch of results', () => {
  test('may hold a key many times: they are merged in their order', async () => {
    const first = enriched('batch', 100, { title: 'First' });
    const rows = [first, { ...first, taskId: 'repeat' }, enriched('batch', 300, { title: 'Third' })];
    await expect(save([...rows, enriched('batch', 200, { title: 'Second', album: 'Second' })])).resolves.toBe(
      3,
    );
    expect((await load('batch')).enriched).toEqual({ title: 'Third', album: 'Second' });
  });

  test('of no rows asks nothing of the server', async () => {
    const closed = openPool({ url: database.url, max: 1, applicationName: 'results-test' });
    await closed.end();
    await expect(saveResults(closed, 'tracks', [])).resolves.toBe(0);
  });

  test('with one bad row is refused whole, and says that a row is to blame', async () => {
    const bad = { ...missed('bad', 100), id: 't2', entity: { duration_ms: 99_999_999_999 } };
    const error: unknown = await save([missed('bad', 100), bad]).catch((fault: unknown) => fault);
    expect(isDataFault(error)).toBe(true);
    const { rowCount } = await pool.query("select from tracks where owner = 'bad'");
    expect(rowCount).toBe(0);
  });

  test('stores what no text column can hold with a replacement character', async () => {
    await save([{ ...enriched('nul', 100, { title: 'cut \ud83d' }), extra: { raw: 'a\u0000b' } }]);
    await expect(load('nul')).resolves.toMatchObject({
      enriched: { title: 'cut \ufffd' },
      extra: { raw: 'a\ufffdb' },
    });
  });

  test('does not deadlock with another one of the same keys in another order', async () => {
    const rows = (at: number): ResultRow[] =>
      Array.from({ length: 100 }, (_, i) => ({ ...enriched('order', at), id: `t${i}` }));
    const deadlocks = async (): Promise<number> => {
      const { rows: found } = await pool.query<{ deadlocks: string }>(
        'select deadlocks from pg_stat_database where datname = current_database()',
      );
      return Number(found[0]!.deadlocks);
    };
    const before = await deadlocks();
    await save(rows(1));
    for (let at = 2; at < 20; at += 2) await Promise.all([save(rows(at)), save(rows(at + 1).reverse())]);
    expect((await load('order', 't99')).answered_at).toEqual(new Date(19));
    expect(await deadlocks()).toBe(before);
  });
});

const FIELDS = ['title', 'album', 'artwork_url'];
const PROVIDERS = ['lastfm', 'musicbrainz', 'spotify'];

/** A settled task, all of whose contents follow from its time and what its fields came from. */
const settled = fc
  .record({
    at: fc.integer({ min: 1, max: 30 }),
    outcome: fc.constantFrom(...OUTCOMES),
    origins: fc.array(fc.tuple(fc.constantFrom(...PROVIDERS), fc.integer({ min: 1, max: 9 })), {
      minLength: FIELDS.length,
      maxLength: FIELDS.length,
    }),
    given: fc.subarray(FIELDS),
  })
  .map(({ at, outcome, origins, given }): ResultRow => {
    const isEnriched = outcome === 'enriched';
    const found = FIELDS.flatMap((field, i) =>
      isEnriched && given.includes(field) ? [{ field, origin: origins[i]! }] : [],
    );
    return {
      ...missed('model', at, outcome),
      entity: {
        artist: `artist ${at}`,
        title: `title ${at}`,
        album: `album ${at}`,
        isrc: `i${at}`,
        duration_ms: at,
      },
      extra: { at },
      partial: at % 2 === 0,
      missing: at % 2 === 0 ? [`provider ${at}`] : [],
      enriched: Object.fromEntries(
        found.map(({ field, origin: [name, time] }) => [field, `${name} ${time}`]),
      ),
      provenance: Object.fromEntries(
        found.map(({ field, origin: [provider, time] }) => [
          field,
          { provider, id: `${provider}-${time}`, fetched_at: time, expires_at: time + 100 },
        ]),
      ),
      ...(isEnriched || outcome === 'ambiguous'
        ? { match: { score: at / 100, matcherVersion: `v${at}`, fields: [], rung: `rung ${at}` } }
        : {}),
      ...(isEnriched ? { source: PROVIDERS[at % 3]! } : {}),
    };
  });

const last = (rows: readonly ResultRow[]): ResultRow | undefined =>
  [...rows].sort((a, b) => a.at - b.at).at(-1);

/** What the row must say, from the set of tasks alone: no order, no state, no SQL. */
function modelOf(rows: readonly ResultRow[]): Record<string, unknown> {
  const verdicts = rows.filter((row) => row.outcome !== 'cancelled');
  const enriching = rows.filter((row) => row.outcome === 'enriched');
  const verdict = last(enriching) ?? last(verdicts);
  const winners = FIELDS.flatMap((field) => {
    const origins = enriching.flatMap((row) =>
      row.provenance[field] ? [{ row, origin: row.provenance[field] }] : [],
    );
    origins.sort(
      (a, b) => a.origin.fetched_at - b.origin.fetched_at || (a.origin.provider < b.origin.provider ? -1 : 1),
    );
    const winner = origins.at(-1);
    return winner ? [{ field, value: winner.row.enriched[field], origin: winner.origin }] : [];
  });
  const isEnriched = enriching.length > 0;
  return {
    enriched: Object.fromEntries(winners.map(({ field, value }) => [field, value])),
    provenance: Object.fromEntries(winners.map(({ field, origin }) => [field, origin])),
    enrichment_status: verdict?.outcome ?? 'cancelled',
    enrichment_source_api: isEnriched ? verdict?.source : null,
    source_data_version: isEnriched ? verdict?.match?.matcherVersion : null,
    match_confidence: isEnriched ? verdict?.match?.score : null,
    enrichment_timestamp: isEnriched ? new Date(verdict!.at) : null,
    answered_at: last(verdicts) ? new Date(last(verdicts)!.at) : null,
    ...(verdict ? { missing: verdict.missing } : {}),
    ...(last(verdicts)
      ? { extra: last(verdicts)!.extra, ...last(verdicts)!.entity, title: `title ${last(verdicts)!.at}` }
      : {}),
  };
}

describe('the merge rule', () => {
  test('gives the same row for any order of arrival, any batching and any redelivery', async () => {
    let cases = 0;
    const tasks = fc.uniqueArray(settled, { minLength: 1, maxLength: 6, selector: (row) => row.at });
    const arrival = tasks.chain((rows) =>
      fc.record({
        rows: fc.constant(rows),
        // Each at least once, in any order; then some of them again.
        order: fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length }),
        again: fc.array(fc.constantFrom(...rows), { maxLength: 4 }),
        batch: fc.integer({ min: 1, max: 10 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(arrival, async ({ rows, order, again, batch }) => {
        const owner = `model ${(cases += 1)}`;
        const sequence = [...order, ...again].map((row) => ({ ...row, owner }));
        for (let i = 0; i < sequence.length; i += batch) await save(sequence.slice(i, i + batch));
        expect(await load(owner)).toMatchObject(modelOf(rows));
        expect(Object.keys((await load(owner)).enriched).sort()).toEqual(
          Object.keys(modelOf(rows)['enriched'] as object).sort(),
        );
        // Everything once more: the row knows it all, and is left alone.
        const { version: before } = await load(owner);
        await save(sequence);
        expect((await load(owner)).version.split(' ')[0]).toBe(before.split(' ')[0]);
      }),
      { numRuns: 200 },
    );
  });
});

test('an unchanged row is looked for by its key for each row, however small the table is or seems', async () => {
  const plan = await withTransaction(
    pool,
    (client) =>
      client.query<{ 'QUERY PLAN': string }>(`explain ${resultStatement('tracks').replace('$1', "'[]'")}`),
    BY_INDEX,
  );
  const steps = plan.rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(steps).toContain('Index Scan using tracks_pkey on tracks same');
  expect(steps).not.toMatch(/Join/);
});
