import type { z } from 'zod';
import type { ApiRequest } from '../provider.ts';
import { classify } from './errors.ts';
import {
  infoResponse,
  searchResponse,
  topTagsResponse,
  type InfoResponse,
  type SearchResponse,
  type TopTagsResponse,
} from './responses.ts';

/** Longer names find nothing, and servers refuse very long URLs. */
const MAX_NAME_LENGTH = 250;

export interface ClientSettings {
  readonly apiKey: string;
  readonly url: string;
}

/** An artist and a title as they are sent. */
export interface Pair {
  readonly artist: string;
  readonly title: string;
}

/** Describes requests and makes none. */
export interface LastfmClient {
  /** Follows the service's own corrections, so what comes back may be another track. */
  info(pair: Pair): ApiRequest<InfoResponse>;
  search(pair: Pair): ApiRequest<SearchResponse>;
  topTags(pair: Pair): ApiRequest<TopTagsResponse>;
}

export function lastfmClient(settings: ClientSettings, userAgent: string): LastfmClient {
  const request = <T>(
    method: string,
    parameters: Readonly<Record<string, string>>,
    answer: { readonly schema: z.ZodType<T>; readonly empty: T },
  ): ApiRequest<T> => {
    const url = new URL(`${settings.url}/`);
    url.search = new URLSearchParams({ method, ...parameters, format: 'json' }).toString();
    return {
      url,
      headers: { 'user-agent': userAgent },
      // The service does not tell cases apart.
      key: url.href.toLowerCase(),
      classify,
      async authorize(target) {
        target.searchParams.set('api_key', settings.apiKey);
        return {};
      },
      ...answer,
    };
  };
  const names = ({ artist, title }: Pair) => ({
    artist: artist.slice(0, MAX_NAME_LENGTH),
    track: title.slice(0, MAX_NAME_LENGTH),
  });
  return {
    info: (pair) =>
      request(
        'track.getInfo',
        { ...names(pair), autocorrect: '1' },
        { schema: infoResponse, empty: { track: null } },
      ),
    search: (pair) =>
      request('track.search', names(pair), {
        schema: searchResponse,
        empty: { results: { trackmatches: { track: [] } } },
      }),
    topTags: (pair) =>
      request(
        'track.getTopTags',
        { ...names(pair), autocorrect: '1' },
        { schema: topTagsResponse, empty: { toptags: { tag: [] } } },
      ),
  };
}
