import { detailsResponse, findResponse, searchResponse } from '../../../shared/providers/tmdb/responses.ts';
import { loadMovies } from '../catalogue/movies.ts';
import type { Reply } from '../protocol.ts';
import { TmdbProtocol } from './protocol.ts';

const catalogue = loadMovies();
const tmdb = new TmdbProtocol(catalogue.movies);

const ask = (path: string, query: Record<string, string> = {}, authorization = 'Bearer token'): Reply =>
  tmdb.answer({
    method: 'GET',
    path,
    query: new URLSearchParams(query),
    headers: authorization === '' ? {} : { authorization },
    body: '',
  });

interface Result {
  id: number;
  title: string;
  release_date: string;
}

function search(query: string, more: Record<string, string> = {}): Result[] {
  const reply = ask('/search/movie', { query, ...more });
  expect(searchResponse.safeParse(reply.body).error).toBeUndefined();
  return (reply.body as { results: Result[] }).results;
}

const movieNamed = (title: string) => {
  const found = catalogue.truth.find(({ movie }) => movie?.title === title)?.movie;
  if (found === undefined || found === null) throw new Error(title);
  return found;
};

test('a title finds the movie among its false friends', () => {
  const found = search('fight club');
  expect(found.map(({ id }) => id)).toContain(movieNamed('Fight Club').id);
  expect(found.length).toBeGreaterThanOrEqual(4);
});

test('taking the first result is wrong for at least a fifth of the titles', () => {
  const known = catalogue.truth.flatMap(({ movie }) => movie ?? []).filter((_, at) => at % 10 === 0);
  const right = known.filter((movie) => search(movie.title)[0]?.id === movie.id);
  expect(right.length).toBeGreaterThan(0);
  expect(right.length).toBeLessThan(known.length * 0.8);
});

test('year finds any release, primary_release_year the first one alone', () => {
  const movie = catalogue.movies.find(
    ({ rereleaseYear, releaseDate }) => rereleaseYear !== undefined && releaseDate !== '',
  );
  const year = String(movie?.rereleaseYear);
  const ids = (more: Record<string, string>): number[] =>
    search(movie?.title ?? '', more).map(({ id }) => id);
  expect(ids({ year })).toContain(movie?.id);
  expect(ids({ primary_release_year: year })).not.toContain(movie?.id);
});

test('a page holds twenty results, and pages end at 500', () => {
  expect(search('the')).toHaveLength(20);
  expect(ask('/search/movie', { query: 'the', page: '501' })).toMatchObject({
    status: 400,
    body: { status_code: 22 },
  });
});

test('a miss is one empty page', () => {
  expect(ask('/search/movie', { query: 'zzzz qqqq' }).body).toEqual({
    page: 1,
    results: [],
    total_pages: 1,
    total_results: 0,
  });
});

test('an IMDb id finds one movie, an unknown one five empty lists', () => {
  const movie = movieNamed('Fight Club');
  const found = ask(`/find/${movie.imdbId ?? ''}`, { external_source: 'imdb_id' }).body;
  expect(findResponse.safeParse(found).error).toBeUndefined();
  expect(found).toMatchObject({ movie_results: [{ id: movie.id, media_type: 'movie' }] });
  const empty = ask('/find/tt0000000', { external_source: 'imdb_id' }).body as object;
  expect(Object.values(empty)).toEqual([[], [], [], [], []]);
});

test('details hold the parts that were appended, and the adapter can read those of every fiftieth movie', () => {
  const append = 'credits,external_ids,release_dates,alternative_titles';
  for (const movie of catalogue.movies.filter((_, at) => at % 50 === 0)) {
    const { body } = ask(`/movie/${movie.id}`, { append_to_response: append });
    expect(detailsResponse.safeParse(body).error).toBeUndefined();
  }
  expect(ask(`/movie/${movieNamed('Fight Club').id}`, { append_to_response: append }).body).toMatchObject({
    title: 'Fight Club',
    credits: {
      crew: expect.arrayContaining([
        expect.objectContaining({ job: 'Director', name: 'David Fincher' }),
      ]) as unknown,
    },
  });
});

test('unknown ids, too many parts and missing credentials are refused with their codes', () => {
  expect(ask('/movie/1')).toMatchObject({ status: 404, body: { success: false, status_code: 34 } });
  expect(ask('/movie/1', { append_to_response: 'a,'.repeat(21) })).toMatchObject({
    body: { status_code: 27 },
  });
  expect(ask('/search/movie', { query: 'x' }, '')).toMatchObject({ status: 401, body: { status_code: 7 } });
});
