import type { Movie } from '../catalogue/movie.ts';
import { yearOf } from '../catalogue/movie.ts';
import { folded, TextIndex, words } from '../catalogue/text-index.ts';
import type { Found } from '../catalogue/text-index.ts';
import type { Protocol, Refusal, Reply, SandboxRequest } from '../protocol.ts';
import { detailsOf } from './details.ts';
import { distort } from './distort.ts';
import { CONFIGURATION, findResultOf, searchResultOf } from './wire.ts';

const PAGE_SIZE = 20;
const LAST_PAGE = 500;
const MOST_APPENDED = 20;

const json = (status: number, body: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json;charset=utf-8' },
  body,
});

const failure = (status: number, code: number, message: string): Reply =>
  json(status, { success: false, status_code: code, status_message: message });

const notFound = (): Reply => failure(404, 34, 'The resource you requested could not be found.');

const STATUS_CODES: Readonly<Record<number, readonly [code: number, message: string]>> = {
  404: [34, 'The resource you requested could not be found.'],
  500: [11, 'Internal error: Something went wrong, contact TMDB.'],
  502: [43, "Couldn't connect to the backend server."],
  503: [9, 'Service offline: This service is temporarily offline, try again later.'],
  504: [24, 'Your request to the backend server timed out. Try again.'],
};

/** TMDB, version 3 of its API. */
export class TmdbProtocol implements Protocol {
  readonly provider = 'tmdb';
  readonly announcesRetryAfter = false;
  readonly distort = distort;
  readonly #movies: readonly Movie[];
  readonly #index = new TextIndex();
  readonly #folded: readonly string[];
  readonly #byId = new Map<number, Movie>();
  readonly #byImdbId = new Map<string, Movie>();

  constructor(movies: readonly Movie[]) {
    this.#movies = movies;
    this.#folded = movies.map((movie) => folded(movie.title));
    movies.forEach((movie, document) => {
      this.#index.add(document, this.#folded[document] ?? '');
      if (movie.originalTitle !== movie.title) this.#index.add(document, movie.originalTitle);
      this.#byId.set(movie.id, movie);
      if (movie.imdbId !== null) this.#byImdbId.set(movie.imdbId, movie);
    });
  }

  answer(request: SandboxRequest): Reply {
    if (!hasCredentials(request)) return failure(401, 7, 'Invalid API key: You must be granted a valid key.');
    const [, resource, id] =
      /^\/(search\/movie|find|movie|configuration)(?:\/([^/]+))?$/.exec(request.path) ?? [];
    if (resource === 'search/movie') return this.#search(request.query);
    if (resource === 'find') return this.#find(id ?? '', request.query);
    if (resource === 'movie') return this.#details(id ?? '', request.query);
    return resource === 'configuration' ? json(200, CONFIGURATION) : notFound();
  }

  refuse(refusal: Refusal): Reply {
    if (refusal.kind === 'auth') return failure(401, 7, 'Invalid API key: You must be granted a valid key.');
    if (refusal.kind === 'status' || refusal.kind === 'shed') {
      const status = refusal.status ?? 503;
      return failure(status, ...(STATUS_CODES[status] ?? ([15, 'Failed.'] as const)));
    }
    // The limit sits in the content network, which names no time.
    return failure(429, 25, 'Your request count (#) is over the allowed limit of (40).');
  }

  #search(query: URLSearchParams): Reply {
    const asked = query.get('query') ?? '';
    const page = Number(query.get('page') ?? '1');
    if (!(page >= 1 && page <= LAST_PAGE)) {
      return failure(
        400,
        22,
        'Invalid page: Pages start at 1 and max at 500. They are expected to be an integer.',
      );
    }
    const primary = Number(query.get('primary_release_year') ?? '0');
    const any = Number(query.get('year') ?? '0');
    const found = this.#rank(asked).filter(
      (movie) =>
        (primary === 0 || yearOf(movie.releaseDate) === primary) && (any === 0 || wasReleasedIn(movie, any)),
    );
    return json(200, {
      page,
      results: found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map(searchResultOf),
      total_pages: Math.max(1, Math.ceil(found.length / PAGE_SIZE)),
      total_results: found.length,
    });
  }

  /** Every word must be there, whole or begun; an equal title counts for much, but fame can outweigh it. */
  #rank(asked: string): Movie[] {
    const query = words(asked);
    const whole = query.join(' ');
    const scored = this.#found(query).map(({ document }) => {
      const title = this.#folded[document] ?? '';
      const nearness = title === whole ? 6 : title.startsWith(whole) ? 2 : 1;
      return { document, score: nearness * (1 + (this.#movies[document]?.popularity ?? 0)) };
    });
    return scored
      .sort((a, b) => b.score - a.score || a.document - b.document)
      .flatMap(({ document }) => this.#movies[document] ?? []);
  }

  /** The last word may be unfinished, as in a search box; when that finds nothing, any of them. */
  #found(query: readonly string[]): Found[] {
    const found = this.#index.find(query, { least: 1, prefixes: 'last' });
    return found.length > 0 ? found : this.#index.find(query, { least: 1, prefixes: 'all' });
  }

  #find(externalId: string, query: URLSearchParams): Reply {
    if (query.get('external_source') !== 'imdb_id')
      return failure(400, 5, 'Invalid parameters: external_source.');
    const movie = this.#byImdbId.get(externalId);
    return json(200, {
      movie_results: movie === undefined ? [] : [findResultOf(movie)],
      person_results: [],
      tv_results: [],
      tv_episode_results: [],
      tv_season_results: [],
    });
  }

  #details(id: string, query: URLSearchParams): Reply {
    const parts = (query.get('append_to_response') ?? '').split(',').filter((part) => part !== '');
    if (parts.length > MOST_APPENDED) {
      return failure(
        400,
        27,
        'Too many append to response objects: The maximum number of remote calls is 20.',
      );
    }
    const movie = this.#byId.get(Number(id));
    return movie === undefined ? notFound() : json(200, detailsOf(movie, parts));
  }
}

const hasCredentials = ({ headers, query }: SandboxRequest): boolean =>
  /^Bearer\b/.test(String(headers['authorization'] ?? '')) || query.has('api_key');

const wasReleasedIn = (movie: Movie, year: number): boolean =>
  yearOf(movie.releaseDate) === year || movie.rereleaseYear === year;
