import fc from 'fast-check';
import type { MovieCandidate, MovieQuery } from './candidate.ts';
import { judgeMovie } from './movies.ts';

const movie = (id: string, title: string, facts: Partial<MovieCandidate> = {}): MovieCandidate => ({
  id,
  title,
  fields: {},
  otherTitles: [],
  ...facts,
});
const verdict = (asked: MovieQuery, ...candidates: MovieCandidate[]): [string, string | undefined] => {
  const judged = judgeMovie(asked, candidates);
  return [judged.verdict, judged.verdict === 'accepted' ? judged.best?.candidate.id : undefined];
};

test.each<[string, MovieQuery, MovieCandidate]>([
  [
    'an equal title and year',
    { title: 'Salt Harbour', year: 1994 },
    movie('a', 'Salt Harbour', { year: 1994 }),
  ],
  [
    'case, article and punctuation',
    { title: 'HARBOUR, THE', year: 1994 },
    movie('a', 'The Harbour!', { year: 1994 }),
  ],
  ['roman and arabic numbers', { title: 'Harbour 3', year: 1994 }, movie('a', 'Harbour III', { year: 1994 })],
  ['a fraction', { title: 'Harbour 8½', year: 1963 }, movie('a', 'Harbour 8 1/2', { year: 1963 })],
  ['a year off by one', { title: 'Salt Harbour', year: 1995 }, movie('a', 'Salt Harbour', { year: 1994 })],
  [
    'an original title',
    { title: 'Salzhafen', year: 1994 },
    movie('a', 'Salt Harbour', { year: 1994, otherTitles: ['Salzhafen'] }),
  ],
  ['the year in the title', { title: 'Salt Harbour (1994)' }, movie('a', 'Salt Harbour', { year: 1994 })],
  [
    'a remark of the list',
    { title: 'Salt Harbour (IMAX)', year: 1994 },
    movie('a', 'Salt Harbour', { year: 1994 }),
  ],
  [
    'a subtitle left out',
    { title: 'Salt Harbour', year: 1994 },
    movie('a', 'Salt Harbour: The Long Night', { year: 1994 }),
  ],
  [
    'a swapped pair of letters',
    { title: 'Slat Harbour', year: 1994 },
    movie('a', 'Salt Harbour', { year: 1994 }),
  ],
  ['a title of a number', { title: '1776', year: 1972 }, movie('a', '1776', { year: 1972 })],
])('%s is accepted', (_case, asked, candidate) => {
  expect(verdict(asked, candidate)).toEqual(['accepted', 'a']);
});

test.each<[string, MovieQuery, MovieCandidate]>([
  [
    'a remake',
    { title: 'Salt Harbour', year: 2014 },
    movie('a', 'Salt Harbour', { year: 1987, votes: 9_000 }),
  ],
  ['a sequel', { title: 'Harbour II', year: 1994 }, movie('a', 'Harbour III', { year: 1994 })],
  [
    'a title that holds the title',
    { title: 'Harbour', year: 1994 },
    movie('a', 'Harbour Warfare', { year: 1994 }),
  ],
  [
    'a number that is part of another title',
    { title: '8½', year: 1963 },
    movie('a', 'Code 8', { year: 1963 }),
  ],
  [
    'a subtitle left out, another year',
    { title: 'Harbour', year: 1995 },
    movie('a', 'Harbour: The Long Night', { year: 1994 }),
  ],
  [
    'a film about the film, of its year',
    { title: 'Salt Harbour', year: 1994 },
    movie('a', 'Salt Harbour: The Untold Story', { year: 1994, votes: 900 }),
  ],
  [
    'a misspelling, another year',
    { title: 'Slat Harbour', year: 1995 },
    movie('a', 'Salt Harbour', { year: 1994 }),
  ],
  [
    'a namesake without a date',
    { title: 'Salt Harbour', year: 1994 },
    movie('a', 'Salt Harbour', { votes: 3 }),
  ],
  [
    'a little known namesake where no year was asked',
    { title: 'Salt Harbour' },
    movie('a', 'Salt Harbour', { year: 1994, votes: 3 }),
  ],
  ['one word more', { title: 'Salt Harbour', year: 1994 }, movie('a', 'Salt Harbour Nights', { year: 1994 })],
])('%s is not', (_case, asked, candidate) => {
  expect(judgeMovie(asked, [candidate]).verdict).not.toBe('accepted');
});

test('the film of the year is taken, however popular the remake is', () => {
  const old = movie('old', 'Salt Harbour', { year: 1987, votes: 40 });
  const remake = movie('new', 'Salt Harbour', { year: 2014, votes: 90_000 });
  expect(verdict({ title: 'Salt Harbour', year: 1987 }, remake, old)).toEqual(['accepted', 'old']);
});

test('a year between two films of one name is ambiguous', () => {
  const films = [1990, 1992].map((year) => movie(String(year), 'Salt Harbour', { year, votes: 500 * year }));
  expect(verdict({ title: 'Salt Harbour', year: 1991 }, ...films)).toEqual(['ambiguous', undefined]);
});

test('without a year a film is taken when it is by far the best known', () => {
  const famous = movie('famous', 'Salt Harbour', { year: 1987, votes: 20_000 });
  const obscure = movie('obscure', 'Salt Harbour', { year: 1950, votes: 150 });
  const rival = movie('rival', 'Salt Harbour', { year: 2014, votes: 9_000 });
  expect(verdict({ title: 'Salt Harbour' }, obscure, famous)).toEqual(['accepted', 'famous']);
  expect(verdict({ title: 'Salt Harbour' }, rival, famous)).toEqual(['ambiguous', undefined]);
});

test('director and runtime tell two films of one title and year apart', () => {
  const asked = { title: 'Salt Harbour', year: 1994, runtimeMin: 101, director: 'Ines Valk' };
  const right = movie('right', 'Salt Harbour', { year: 1994, runtimeMin: 102, directors: ['Inês Valk'] });
  const wrong = movie('wrong', 'Salt Harbour', { year: 1994, runtimeMin: 74, directors: ['Bo Tarn'] });
  expect(verdict(asked, wrong, right)).toEqual(['accepted', 'right']);
});

test('the director vouches for another year: a first showing, a re-release', () => {
  const asked = { title: 'Salt Harbour', year: 1998, director: 'Ines Valk' };
  expect(verdict(asked, movie('a', 'Salt Harbour', { year: 1994, directors: ['Ines Valk'] }))).toEqual([
    'accepted',
    'a',
  ]);
  expect(
    judgeMovie(asked, [movie('a', 'Salt Harbour', { year: 1994, directors: ['Bo Tarn'] })]).verdict,
  ).toBe('none');
});

test('an IMDb id decides, unless nothing else agrees', () => {
  const asked = { title: 'Salzhafen', year: 1994, imdbId: 'tt0000001' };
  const same = movie('a', 'Salt Harbour', { year: 1994, imdbId: 'tt0000001' });
  const other = movie('b', 'Salzhafen', { year: 1994, imdbId: 'tt0000002' });
  expect(verdict(asked, other, same)).toEqual(['accepted', 'a']);
  expect(judgeMovie(asked, [other]).verdict).toBe('none');
  const mistyped = movie('c', 'Quiet Orchard', { year: 1951, imdbId: 'tt0000001' });
  expect(judgeMovie(asked, [mistyped]).verdict).toBe('none');
});

test('the order of candidates decides nothing', () => {
  const pool = [
    movie('a', 'Salt Harbour', { year: 1994 }),
    movie('b', 'Salt Harbour', { year: 1995, votes: 5_000 }),
    movie('c', 'Salt Harbour: The Long Night', { year: 1994 }),
    movie('d', 'Salt Harbour', { year: 1994, votes: 2 }),
    movie('e', 'Slat Harbour', { year: 1994 }),
  ];
  const asked = { title: 'Salt Harbour', year: 1994 };
  fc.assert(
    fc.property(fc.shuffledSubarray(pool, { minLength: 1 }), (some) => {
      const sorted = some.toSorted((a, b) => (a.id < b.id ? -1 : 1));
      expect(judgeMovie(asked, some)).toEqual(judgeMovie(asked, sorted));
    }),
  );
});
