/** The requests that we make of TMDB, and its table of errors. */
import { ProviderError, type ProviderErrorKind } from '../../task/provider-error.ts';
import { genericFault, refusal, remoteText, slowDown } from '../generic-fault.ts';
import type { ApiRequest, ApiResponse } from '../provider.ts';
import {
  detailsResponse,
  findResponse,
  searchResponse,
  type DetailsResponse,
  type FindResponse,
  type SearchResponse,
} from './responses.ts';

const NAME = 'tmdb';
/** One request for all of them; the service takes at most 20. */
const APPENDED = 'credits,external_ids,release_dates,keywords,alternative_titles';

export interface TmdbClient {
  /** The first page, 20 results. `year` = that of the first release anywhere, re-releases do not count. */
  search(title: string, year?: number): ApiRequest<SearchResponse>;
  /** An unknown id, and one of a show, come back as an empty list. */
  findByImdbId(imdbId: string): ApiRequest<FindResponse>;
  /** Null for an id that is gone. */
  details(id: string): ApiRequest<DetailsResponse>;
}

export interface TmdbAccess {
  readonly baseUrl: string;
  /** "API Read Access Token". Sent as a header, so that it is in no URL. */
  readonly token: string;
  /** Of titles and texts, `en-US`. */
  readonly language: string;
  readonly userAgent: string;
}

/** Describes requests and makes none. */
export function tmdbClient({ baseUrl, token, language, userAgent }: TmdbAccess): TmdbClient {
  const describe = (path: string, parameters: Record<string, string>) => {
    const url = new URL(`${baseUrl}/${path}`);
    url.search = new URLSearchParams({ ...parameters, language }).toString();
    return {
      url,
      headers: { 'user-agent': userAgent },
      // The host is part of it: what a sandbox said is not what the service says.
      key: `${url.host}${url.pathname}${url.search}`,
      authorize: async () => ({ authorization: `Bearer ${token}` }),
    };
  };
  return {
    search: (title, year) => ({
      ...describe('search/movie', {
        query: title,
        include_adult: 'false',
        ...(year === undefined ? {} : { primary_release_year: String(year) }),
        page: '1',
      }),
      schema: searchResponse,
      classify: (response) => readFault(response) ?? 'ok',
      empty: { results: [] },
    }),
    findByImdbId: (imdbId) => ({
      ...describe(`find/${imdbId}`, { external_source: 'imdb_id' }),
      schema: findResponse,
      classify: missWhenGone,
      empty: { movie_results: [] },
    }),
    details: (id) => ({
      ...describe(`movie/${encodeURIComponent(id)}`, { append_to_response: APPENDED }),
      schema: detailsResponse,
      classify: missWhenGone,
      empty: null,
    }),
  };
}

/**
 * What their own codes mean; the HTTP status that comes with them does not always agree. Not listed = by status:
 * 9, 11, 15, 24, 43 and 46 come with 5xx and are transient; 22, 27 and their like with 4xx.
 */
const KINDS: Readonly<Record<number, ProviderErrorKind>> = {
  3: 'auth',
  7: 'auth',
  9: 'unavailable',
  10: 'auth',
  11: 'unavailable',
  15: 'unavailable',
  18: 'bad_request',
  24: 'unavailable',
  33: 'auth',
  43: 'unavailable',
  44: 'bad_request',
  46: 'unavailable',
};
const OVER_LIMIT = 25;
const GONE: readonly (number | undefined)[] = [6, 34];

/** Ids are deleted and merged: theirs, and only their own code says so. */
function missWhenGone(response: ApiResponse): 'ok' | 'miss' | ProviderError {
  if (GONE.includes(statusCode(response))) return 'miss';
  return readFault(response) ?? 'ok';
}

/** Reads what is wrong with an answer, if anything. The edge answers 429 in HTML and without Retry-After. */
function readFault(response: ApiResponse): ProviderError | undefined {
  const code = statusCode(response);
  if (code === OVER_LIMIT) return slowDown(NAME, response);
  const kind = code === undefined ? undefined : KINDS[code];
  const fault = genericFault(NAME, response);
  if (kind !== undefined && (kind !== 'unavailable' || fault === undefined)) {
    return new ProviderError(NAME, kind, `status code ${code} (${remoteText(statusMessage(response))})`, {
      status: response.status,
    });
  }
  if (fault !== undefined) return fault;
  return response.status < 400 && code === undefined
    ? undefined
    : refusal(NAME, response, statusMessage(response));
}

/** Of an error body; undefined for any other. */
function statusCode({ json }: ApiResponse): number | undefined {
  const told =
    typeof json === 'object' && json !== null && 'status_code' in json ? json.status_code : undefined;
  return typeof told === 'number' ? told : undefined;
}

const statusMessage = ({ json }: ApiResponse): unknown =>
  typeof json === 'object' && json !== null && 'status_message' in json ? json.status_message : undefined;
