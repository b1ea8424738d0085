import type { MovieCandidate, MovieQuery } from '../../matching/candidate.ts';
import { agreementOf, cleanMovieTitle } from '../../matching/movie-titles.ts';
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
 *
 * A search within the year hides the movie that is dated one year beside, and shows its sequel or a film about it: so
 * that rung offers movies of the very name alone, and others of that year come up beside what the whole search finds.
 */
export function ladder(client: TmdbClient, query: MovieQuery, call: Call): Rung<MovieCandidate>[] {
  const { imdbId, year = cleanMovieTitle(query.title).year } = query;
  const title = searchTitle(query.title);
  const base = baseTitle(query.title);
  const seen = new Map<string, MovieCandidate>();
  /** Pages of the search overlap and repeat themselves: each movie counts once. */
  const see = async (request: ApiRequest<SearchResponse>): Promise<readonly MovieCandidate[]> => {
    const { results } = await call(request);
    for (const movie of results) {
      const candidate = toCandidate(movie);
      if (!seen.has(candidate.id)) seen.set(candidate.id, candidate);
    }
    return [...seen.values()];
  };
  const inYear = async () => (await see(client.search(title, year))).filter((one) => isNamed(one, title));
  return [
    ...(imdbId !== undefined && /^tt\d{7,}$/.test(imdbId) ? [byImdbId(client, imdbId, call)] : []),
    ...(year === undefined ? [] : [{ name: 'title_in_year', search: inYear }]),
    { name: 'title', search: () => see(client.search(title)) },
    ...(query.director === undefined && query.runtimeMin === undefined
      ? []
      : [namesakes(client, query, seen, call)]),
    ...(base === title ? [] : [{ name: 'base_title', search: () => see(client.search(base, year)) }]),
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
  seen: Map<string, MovieCandidate>,
  call: Call,
): Rung<MovieCandidate> {
  return {
    name: 'namesakes',
    search: async () => {
      const named = [...seen.values()]
        .filter((candidate) => isNamesake(candidate, query))
        .sort((a, b) => (b.votes ?? 0) - (a.votes ?? 0));
      // One after the other: when one cannot be made now, none is left running behind a look-up that is over.
      for (const candidate of named.slice(0, MOST_NAMESAKES)) {
        const details = await call(client.details(candidate.id));
        // Kept for the rungs to come too: what the details rule out must not come back without them.
        if (details !== null) seen.set(candidate.id, detailedCandidate(details, candidate));
      }
      // The others stay in the contest: that nobody asked about them is no reason to rule them out.
      return named.map((candidate) => seen.get(candidate.id) ?? candidate);
    },
  };
}

/** A year of another count (first showing, re-release) is no obstacle where the director can confirm the movie. */
function isNamesake(candidate: MovieCandidate, { title, year, director }: MovieQuery): boolean {
  const near = candidate.year !== undefined && year !== undefined && Math.abs(candidate.year - year) <= 1;
  return isNamed(candidate, searchTitle(title)) && (near || year === undefined || director !== undefined);
}

const isNamed = ({ title, otherTitles }: MovieCandidate, wanted: string): boolean =>
  agreementOf(wanted, [title, ...otherTitles]) === 'exact';
