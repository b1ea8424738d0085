import { z } from 'zod';
import type { Fields } from '../task/task.ts';
import { movies } from './movies/index.ts';
import { pipelineNamed, pipelines } from './registry.ts';
import { tracks } from './tracks/index.ts';

const TRACK = { track_id: 't1', artist: 'Deadmau5', title: 'Strobe' };
const MOVIE = { movie_id: 'm1', title: 'Salt Harbour' };

const read = (schema: z.ZodObject, message: object): unknown =>
  JSON.parse(JSON.stringify(schema.parse(message)));
const problems = (schema: z.ZodObject, message: object): readonly string[] =>
  (schema.safeParse(message).error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);

test('the least message of the guide is a track', () => {
  expect(read(tracks.schema, { ...TRACK, priority: 5 })).toEqual(TRACK);
});

test.each<[string, object, object]>([
  ['numbers for texts become texts', { track_id: 17, title: 1999 }, { track_id: '17', title: '1999' }],
  ['texts are trimmed and put on one line', { title: '  Stro\tbe\n' }, { title: 'Stro be' }],
  ['blank and null count as absent', { album: ' ', isrc: '', duration_ms: null }, {}],
  ['an ISRC loses its dashes', { isrc: 'gb-smu-45-66095' }, { isrc: 'GBSMU4566095' }],
  ['a duration may be a text with decimals', { duration_ms: '203000.4' }, { duration_ms: 203_000 }],
  ['what Postgres cannot store is dropped', { title: 'Stro\u0000be\ud800' }, { title: 'Stro be' }],
])('tracks: %s', (_claim, given, expected) => {
  expect(read(tracks.schema, { ...TRACK, ...given })).toEqual({ ...TRACK, ...expected });
});

test.each<[string, object, object]>([
  ['a year may be a text', { year: '1994' }, { year: 1994 }],
  ['a year may be a date', { year: 'Jun 12 1998' }, { year: 1998 }],
  ['a running time may say minutes', { runtime_min: '142 min' }, { runtime_min: 142 }],
  [
    'an IMDb id may be an address',
    { imdb_id: 'https://example.org/title/TT111161/' },
    { imdb_id: 'tt0111161' },
  ],
])('movies: %s', (_claim, given, expected) => {
  expect(read(movies.schema, { ...MOVIE, ...given })).toEqual({ ...MOVIE, ...expected });
});

test('what is refused is named with its value, all of it at once', () => {
  expect(
    problems(tracks.schema, {
      track_id: 't1',
      artist: ' ',
      title: 'x'.repeat(1_001),
      isrc: 'zz',
      duration_ms: 0,
    }),
  ).toEqual([
    'artist: is required',
    expect.stringMatching(/^title: expected text of at most 1000 characters, got 'x+… \(1003 characters\)$/),
    "isrc: expected an ISRC such as USUM71703861, got 'zz'",
    'duration_ms: expected milliseconds, 1–86400000, got 0',
  ]);
  expect(
    problems(movies.schema, { ...MOVIE, year: 3000, imdb_id: 'x', runtime_min: -1, director: ['a'] }),
  ).toEqual([
    'year: expected a year 1870–2100, got 3000',
    "imdb_id: expected an IMDb id such as tt0111161, got 'x'",
    'runtime_min: expected minutes, 1–6000, got -1',
    'director: expected text of at most 1000 characters, got ["a"]',
  ]);
});

test.each([NaN, Infinity, {}, [], true, '19', '1998 and 1999'])('%p is no year', (year) => {
  expect(problems(movies.schema, { ...MOVIE, year })).toEqual([
    expect.stringMatching(/^year: expected a year/),
  ]);
});

test('the schemas can be published as JSON Schema, with their bounds', () => {
  const schema = z.toJSONSchema(movies.schema, { io: 'input' });
  expect(schema.required).toEqual(['movie_id', 'title']);
  expect(schema.properties?.['year']).toMatchObject({ type: 'integer', minimum: 1870, maximum: 2100 });
});

test('a query holds what the entity has and nothing else', () => {
  expect(tracks.query(TRACK)).toEqual({ artist: 'Deadmau5', title: 'Strobe' });
  expect(tracks.query({ ...TRACK, album: 'A', isrc: 'I', duration_ms: 7 })).toEqual({
    artist: 'Deadmau5',
    title: 'Strobe',
    album: 'A',
    isrc: 'I',
    durationMs: 7,
  });
  const movie: Fields = { ...MOVIE, year: 1994, imdb_id: 'tt1', runtime_min: 90, director: 'D' };
  expect(movies.query(movie)).toEqual({
    title: 'Salt Harbour',
    year: 1994,
    imdbId: 'tt1',
    runtimeMin: 90,
    director: 'D',
  });
});

test('labels are what people call the thing', () => {
  expect(tracks.label(TRACK)).toBe('Deadmau5 - Strobe');
  expect(movies.label(MOVIE)).toBe('Salt Harbour');
  expect(movies.label({ ...MOVIE, year: 1994 })).toBe('Salt Harbour (1994)');
});

test.each(pipelines.map((pipeline) => [pipeline.name, pipeline] as const))(
  '%s: the id and the fields of its identity are fields of its schema, and belief is given to providers of its chain',
  (_name, pipeline) => {
    const known = Object.keys(pipeline.schema.shape);
    expect(known).toEqual(expect.arrayContaining([pipeline.idField, ...pipeline.identityFields]));
    expect(pipeline.chain).toEqual(
      expect.arrayContaining([...new Set(Object.values(pipeline.preferred).flat())]),
    );
  },
);

test('pipelines are found by name', () => {
  expect(pipelineNamed('movies')?.prefix).toBe('movie_enrichment');
  expect(pipelineNamed('books')).toBeUndefined();
});
