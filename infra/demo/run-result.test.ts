import type { ProviderFigures } from './figures.ts';
import { PaceMeter } from './pace.ts';
import { progressBlock, progressLine } from './progress-text.ts';
import { Publication } from './publish-source.ts';
import { resultText } from './result-text.ts';
import { isEverythingSettled, resultDocument, wrongRows, type RunResult } from './run-result.ts';
import { isComplete, type RunState } from './run-state.ts';
import { loadProviders } from '../local-system/provider-mode.ts';
import { SOURCES } from './sources.ts';
import { PLAIN } from './style.ts';
import { wrongMatches } from './wrong-matches.ts';

const definitions = await loadProviders();
const figures = (requests: number): ProviderFigures => ({
  lookUps: requests / 2,
  requests,
  cacheHits: 1,
  violations: 0,
});

/** Three movies, of which two are enriched, and no track. */
function setup(changes: Partial<RunState> = {}) {
  const publications = SOURCES.map((source) => new Publication(source));
  const [tracks, movies] = publications as [Publication, Publication];
  tracks.isComplete = true;
  Object.assign(movies, { isComplete: true, published: 3, rejected: 1 });
  movies.rejects.push('line 4: title is required');
  movies.rows.set('m1', {
    label: 'Heat, The (1999)',
    title: 'Heat, The',
    truthKey: 'Heat, The | May 01 1999',
  });
  const state: RunState = {
    seconds: 10,
    publications,
    outcomes: new Map([['movies', { enriched: 2, not_found: 1, ambiguous: 0, dead: 0 }]]),
    waiting: new Map([
      ['entry', 0],
      ['tmdb', 0],
    ]),
    providers: new Map([['tmdb', figures(6)]]),
    ...changes,
  };
  const row = { id: 'm1', confidence: 0.96, api: 'tmdb', enriched: { title: 'The Heat', tmdb_id: 7 } };
  const result: RunResult = {
    state,
    owner: 'demo-1',
    rows: new Map([['movies', [row]]]),
    wrong: [],
    totalSeconds: 12.34,
  };
  return { state, result, movies, row };
}

test('a run is complete when everything published is settled and nothing waits', () => {
  expect(isComplete(setup().state)).toBe(true);
  expect(isComplete(setup({ waiting: new Map([['tmdb', 1]]) }).state)).toBe(false);
  expect(isComplete(setup({ outcomes: new Map() }).state)).toBe(false);
});

test('a run is not complete while a file is still being published', () => {
  const { state, movies } = setup();
  movies.isComplete = false;
  expect(isComplete(state)).toBe(false);
});

test('the document names every count, and the settled ones add up to the published', () => {
  const { result } = setup();
  expect(resultDocument(result)).toMatchObject({
    published: 3,
    rejected: 1,
    settled: { enriched: 2, not_found: 1, ambiguous: 0, dead: 0 },
    waiting: 0,
    wrong_matches: 0,
    lookups: { tmdb: 3 },
    requests: { tmdb: 6 },
    cache_hits: { tmdb: 1 },
    limit_violations: 0,
    duration_s: 12.3,
  });
  expect(isEverythingSettled(result)).toBe(true);
});

test('with real services wrong matches and violations are unknown, not zero', () => {
  const { result } = setup();
  const live = { ...result, wrong: undefined };
  expect(resultDocument(live)).toMatchObject({ wrong_matches: null, limit_violations: null });
  expect(resultText(live, PLAIN)).toContain('unknown');
});

test('an id that is not right for the row is a wrong match, and so is any id of a row that does not exist', () => {
  const { movies, row } = setup();
  const truth = (ids: string[]) => [
    { provider: 'tmdb', idField: 'tmdb_id', ids: new Map([['Heat, The | May 01 1999', ids]]) },
  ];
  expect(wrongMatches(movies, [row], truth(['7']))).toEqual([]);
  expect(wrongMatches(movies, [row], truth(['8']))).toMatchObject([{ id: 'm1', found: '7', right: ['8'] }]);
  expect(wrongMatches(movies, [row], [{ ...truth([])[0]!, ids: new Map() }])).toMatchObject([
    { id: 'm1', right: [] },
  ]);
});

test('a row with two wrong ids is one wrong match', () => {
  const { result } = setup();
  const one = { pipeline: 'tracks', id: 't1', found: 'x', right: [] };
  const wrong = [
    { ...one, provider: 'spotify' },
    { ...one, provider: 'lastfm' },
  ];
  expect(wrongRows({ ...result, wrong })).toBe(1);
  expect(wrongRows({ ...result, wrong }, 'movies')).toBe(0);
});

test('the tables fit a terminal of 80 columns, with every count and what was made of a record', () => {
  const text = resultText(setup().result, PLAIN);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(text).toMatch(/movies +3 +2 +66\.6 % +1 +0 +0 +0/);
  expect(text).toContain('not published: 1 of movies (line 4: title is required)');
  expect(text).toMatch(/Heat, The \(1999\)\n +The Heat\n/);
});

test('what is missing makes the headline a failure', () => {
  const { result } = setup({ outcomes: new Map(), waiting: new Map([['tmdb', 3]]) });
  expect(resultText(result, PLAIN)).toMatch(/^✗ 0 of 3 records settled/);
});

test('the share of a limit is that of its own window: a burst within it is no excess', () => {
  const meter = new PaceMeter(definitions, 20);
  meter.add(setup({ seconds: 0, providers: new Map([['spotify', figures(0)]]) }).state);
  // 600 are allowed in 30 s; 150 of them in the first 4 s are nearly twice the average.
  meter.add(setup({ seconds: 4, providers: new Map([['spotify', figures(150)]]) }).state);
  const pace = meter.paces().get('spotify');
  expect(pace).toEqual({ limitPerSecond: 20, perSecond: 37.5, share: 0.25 });
});

test('the time to go is what waits for the slowest provider, at its speed', () => {
  const meter = new PaceMeter(definitions, 20);
  expect(meter.etaSeconds()).toBeUndefined();
  meter.add(setup({ seconds: 0, providers: new Map([['tmdb', figures(0)]]) }).state);
  const waiting = new Map([['tmdb', 100]]);
  meter.add(setup({ seconds: 4, waiting, providers: new Map([['tmdb', figures(80)]]) }).state);
  // Two requests a look-up, 20 requests a second.
  expect(meter.etaSeconds()).toBe(10);
});

test('progress is a block of at most 76 columns at a terminal, and one line in a log', () => {
  const { state } = setup({ waiting: new Map([['tmdb', 2_000]]) });
  const meter = new PaceMeter(definitions, 20);
  meter.add(state);
  const progress = { state, paces: meter.paces(), etaSeconds: 42 };
  const block = progressBlock(progress, PLAIN);
  expect(Math.max(...block.map((line) => line.length))).toBeLessThanOrEqual(76);
  expect(block.join('\n')).toMatch(/tmdb +2,000 +0\.0 +0 %/);
  expect(progressLine(progress)).toMatch(
    /^0:10 {2}published 3, done 3 {2}waiting: tmdb 2,000 .*about 42 s to go$/,
  );
});
