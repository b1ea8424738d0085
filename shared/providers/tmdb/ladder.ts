import type { MovieCandidate, MovieQuery } from '../../matching/candidate.ts';
import type { ApiRequest, Call, Rung } from '../provider.ts';
import type { TmdbClient } from './client.ts';
import { detailedCandidate, toCandidate } from './mapping.ts';
import type { SearchResponse } from './responses.ts';
import { baseTitle, searchTitle } from './search-title.ts';

/** How many movies of the same name are worth a request each. */
const MOST_NAMESAKES = 3;

/**
 * By IMDb id; by title within the year; by title alone, since sources differ by a year for some movies; by what the
 * details tell of movies with the same name; by the title without its subtitle.
 */
export function ladder(client: TmdbClient, query: MovieQuery, call: Call): Rung<MovieCandidate>[] {
  const imdbId = query.imdbId?.toLowerCase();
  const title = searchTitle(query.title);
  const base = baseTitle(query.title);
  const seen = new Map<string, MovieCandidate>();
  const search = (name: string, request: ApiRequest<SearchResponse>): Rung<MovieCandidate> => ({
    name,
    search: async () => {
      const found = distinct((await call(request)).results.map((movie) => toCandidate(movie)));
      for (const candidate of found) seen.set(candidate.id, candidate);
      return found;
    },
  });
  return [
    ...(imdbId === undefined || !/^tt\d{7,}$/.test(imdbId) ? [] : [byImdbId(client, imdbId, call)]),
    ...(query.year === undefined ? [] : [search('title_in_year', client.search(title, query.year))]),
    search('title', client.search(title)),
    ...(query.director === undefined && query.runtimeMin === undefined
      ? []
      : [namesakes(client, query, seen, call)]),
    ...(base === title ? [] : [search('base_title', client.search(base, query.year))]),
  ];
}

const byImdbId = (client: TmdbClient, imdbId: string, call: Call): Rung<MovieCandidate> => ({
  name: 'imdb_id',
  search: async () => {
    const { movie_results: movies } = await call(client.findByImdbId(imdbId));
    return movies.map((movie) => toCandidate(movie, imdbId));
  },
});

/**
 * A search tells neither runtime nor director. Where the query knows one of them and title and year did not decide,
 * the details of the movies with that name do; those of the accepted one are asked for anyway.
 */
function namesakes(
  client: TmdbClient,
  query: MovieQuery,
  seen: ReadonlyMap<string, MovieCandidate>,
  call: Call,
): Rung<MovieCandidate> {
  return {
    name: 'namesakes',
    search: async () => {
      const named = [...seen.values()]
        .filter((candidate) => isNamesake(candidate, query))
        .sort((a, b) => (b.votes ?? 0) - (a.votes ?? 0));
      // One after the other: when one cannot be made now, none is left running behind a look-up that is over.
      const told: MovieCandidate[] = [];
      for (const candidate of named.slice(0, MOST_NAMESAKES)) {
        const details = await call(client.details(candidate.id));
        told.push(details === null ? candidate : detailedCandidate(details, candidate));
      }
      // The others stay in the contest: that nobody asked about them is no reason to rule them out.
      return [...told, ...named.slice(MOST_NAMESAKES)];
    },
  };
}

/** A year of another calendar (first showing, re-release) is no obstacle where the director can confirm the movie. */
function isNamesake(candidate: MovieCandidate, { title, year, director }: MovieQuery): boolean {
  const wanted = fold(searchTitle(title));
  const named = [candidate.title, ...candidate.otherTitles].some((other) => fold(other) === wanted);
  const near = candidate.year !== undefined && year !== undefined && Math.abs(candidate.year - year) <= 1;
  return named && (near || year === undefined || director !== undefined);
}

/** Letters and digits of any script. */
const fold = (title: string): string =>
  title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Pages of the search overlap and repeat themselves. */
const distinct = (candidates: readonly MovieCandidate[]): MovieCandidate[] => [
  ...new Map(candidates.map((candidate) => [candidate.id, candidate])).values(),
];
