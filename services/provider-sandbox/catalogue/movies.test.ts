import { loadMovies } from './movies.ts';
import { yearOf } from './movie.ts';
import type { Movie } from './movie.ts';
import { repairDate, repairTitle } from './repair.ts';
import { folded } from './text-index.ts';

const { movies, truth } = loadMovies();
const originals = new Set(truth.map(({ movie }) => movie));

test.each([
  [1776, '1776'],
  ['LÈon', 'Léon'],
  ['DÈj‡ Vu', 'Déjà Vu'],
  ['The Naked Gun 2Ω: The Smell of Fear', 'The Naked Gun 2½: The Smell of Fear'],
  ["I Love You Ö Don't Touch Me!", "I Love You … Don't Touch Me!"],
  ['Alien³', 'Alien³'],
  ['Ri¢hie Ri¢h', 'Ri¢hie Ri¢h'],
  ['Charge of the Light Brigade, The', 'The Charge of the Light Brigade'],
  ['King Kong (1933)', 'King Kong'],
  ['Fantasia 2000 (IMAX)', 'Fantasia 2000'],
  ['Y Tu Mama Tambien (And Your Mother Too)', 'Y Tu Mama Tambien (And Your Mother Too)'],
])('%s is repaired to %s', (raw, title) => {
  expect(repairTitle(raw)).toBe(title);
});

test('a year after the end of the data set is one of the century before', () => {
  expect(repairDate('Dec 30 2025')).toBe('1925-12-30');
  expect(repairDate('Jun 12 1998')).toBe('1998-06-12');
});

test('every row but the one without a title means one movie', () => {
  expect(truth).toHaveLength(3_201);
  expect(truth.filter(({ movie }) => movie === null)).toHaveLength(1);
});

test('every common title has at least three false friends', () => {
  const titles = new Map<string, number>();
  for (const movie of movies) {
    for (const title of friendlyTitles(movie)) titles.set(title, (titles.get(title) ?? 0) + 1);
  }
  const common = truth.flatMap(({ row, movie }) => ((row['IMDB Votes'] ?? 0) >= 5_000 ? (movie ?? []) : []));
  const lonely = common.filter((movie) => (titles.get(folded(movie.title)) ?? 0) < 4);
  expect(common.length).toBeGreaterThan(2_000);
  expect(lonely.map(({ title }) => title)).toEqual([]);
});

/** The titles for which a movie is found: its own, and that of the film which it is a friend of. */
function friendlyTitles({ title }: Movie): Set<string> {
  const made = title.replace(/^The Making of /, '');
  const base = made === title ? title.replace(/( II|: The Untold Story)$/, '') : made;
  return new Set([folded(title), folded(base)]);
}

test('no false friend has the title and, within two years, the year of a row', () => {
  const rows = new Map<string, number[]>();
  for (const { row, movie } of truth) {
    if (movie === null) continue;
    const years = [Number(row['Release Date'].slice(-4)), yearOf(movie.releaseDate) ?? 0];
    rows.set(folded(movie.title), [...(rows.get(folded(movie.title)) ?? []), ...years]);
  }
  const confusing = movies.filter((movie) => {
    const year = yearOf(movie.releaseDate);
    if (originals.has(movie) || year === undefined) return false;
    return (rows.get(folded(movie.title)) ?? []).some((asked) => Math.abs(asked - year) < 2);
  });
  expect(confusing).toEqual([]);
});

test('ids are unique, and the same at every start', () => {
  expect(new Set(movies.map(({ id }) => id)).size).toBe(movies.length);
  const imdbIds = movies.flatMap(({ imdbId }) => imdbId ?? []);
  expect(new Set(imdbIds).size).toBe(imdbIds.length);
  expect(JSON.stringify(loadMovies().movies)).toBe(JSON.stringify(movies));
});
