import { loadMovies, type MovieRow } from '../../services/provider-sandbox/catalogue/movies.ts';
import { yearOf, type Movie } from '../../services/provider-sandbox/catalogue/movie.ts';
import type { MovieCandidate, MovieQuery } from '../../shared/matching/candidate.ts';
import { judgeMovie } from '../../shared/matching/movies.ts';
import { mistyped, seeded, withoutAccents } from './random.ts';
import { Search } from './search.ts';
import { tallyUp, type Question, type Tallies } from './tally.ts';

export interface MovieEvaluation {
  readonly present: Tallies;
  /** The same questions with the right movie taken out of the catalogue; its false friends stay. */
  readonly absent: Tallies;
}

type Degrade = (query: MovieQuery, row: MovieRow, random: () => number) => MovieQuery | undefined;

const DEGRADATIONS: Readonly<Record<string, Degrade>> = {
  unchanged: (query) => query,
  'as the list has it': (_query, row) => ({
    title: String(row.Title),
    year: Number(row['Release Date'].slice(-4)),
  }),
  case: (query) => ({ ...query, title: query.title.toUpperCase() }),
  ascii: (query) => ({ ...query, title: withoutAccents(query.title) }),
  'year off by one': (query, _row, random) => ({
    ...query,
    year: (query.year ?? 0) + (random() < 0.5 ? 1 : -1),
  }),
  'no year': ({ title }) => ({ title }),
  'article at the end': (query) => {
    const [, article, rest] = /^(The|A|An) (.+)$/.exec(query.title) ?? [];
    return article === undefined || rest === undefined
      ? undefined
      : { ...query, title: `${rest}, ${article}` };
  },
  'no article': (query) => changed(query, query.title.replace(/^(?:The|A|An) /, '')),
  'no punctuation': (query) =>
    changed(query, query.title.replace(/[^\p{L}\p{N}&+ ]/gu, '').replace(/ +/g, ' ')),
  'numeral changed': (query) =>
    changed(
      query,
      query.title
        .replace(/\bIII$/, '3')
        .replace(/\bII$/, '2')
        .replace(/\b(?<= )([23])$/, (digit) => (digit === '2' ? 'II' : 'III')),
    ),
  'no subtitle': (query) => changed(query, query.title.replace(/:.*$/, '')),
  typo: (query, _row, random) => changed(query, mistyped(query.title, random)),
};

const changed = (query: MovieQuery, title: string): MovieQuery | undefined =>
  title === query.title || title.trim() === '' ? undefined : { ...query, title };

export function evaluateMovies(seed: number): MovieEvaluation {
  const { movies, truth } = loadMovies();
  const catalogue = movies.map(candidateOf);
  const search = new Search(catalogue, ({ title }) => title);
  const rows = truth.flatMap(({ row, movie }) => (movie === null ? [] : [{ row, movie }]));
  return {
    present: tallyUp(questions(rows, search, seeded(seed), false)),
    absent: tallyUp(questions(rows, search, seeded(seed), true)),
  };
}

function* questions(
  rows: readonly { readonly row: MovieRow; readonly movie: Movie }[],
  search: Search<MovieCandidate>,
  random: () => number,
  isAbsent: boolean,
): Generator<Question<MovieCandidate>> {
  for (const { row, movie } of rows) {
    const year = yearOf(movie.releaseDate);
    const plainQuery = { title: movie.title, ...(year !== undefined && { year }) };
    for (const [degradation, degrade] of Object.entries(DEGRADATIONS)) {
      const query = degrade(plainQuery, row, random);
      if (query === undefined) continue;
      const isIt = (candidate: MovieCandidate): boolean => candidate.id === String(movie.id);
      yield {
        degradation,
        label: describe(query),
        judge: () =>
          judgeMovie(
            query,
            search.find(query.title, (candidate) => isAbsent && isIt(candidate)),
          ),
        isRight: (candidate) => !isAbsent && isIt(candidate),
        describe: (candidate) => `${describe(candidate)} ${candidate.votes ?? 0} votes`,
      };
    }
  }
}

/** What a search tells: no director, no runtime, no IMDb id. */
function candidateOf(movie: Movie): MovieCandidate {
  const year = yearOf(movie.releaseDate);
  return {
    id: String(movie.id),
    title: movie.title,
    fields: {},
    otherTitles: movie.originalTitle === movie.title ? [] : [movie.originalTitle],
    votes: movie.votes,
    popularity: movie.popularity,
    ...(year !== undefined && { year }),
  };
}

const describe = ({ title, year }: { readonly title: string; readonly year?: number }): string =>
  `${title} (${year ?? '?'})`;
