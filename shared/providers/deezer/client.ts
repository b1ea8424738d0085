import type { ApiRequest } from '../provider.ts';
import { classify } from './errors.ts';
import { searchResponse, trackResponse, type SearchResponse, type TrackResponse } from './responses.ts';

/** What is not among the first ten is another song. */
const LIMIT = '10';

/** Describes requests and makes none. */
export interface DeezerClient {
  /** Free text: a filter such as `artist:"…"` switches that off, and is loose all the same. */
  search(text: string): ApiRequest<SearchResponse>;
  /** `isrc` is normalised. The full track, or null. */
  trackByIsrc(isrc: string): ApiRequest<TrackResponse>;
  /** The full track, or null. */
  track(id: string): ApiRequest<TrackResponse>;
}

export function deezerClient(baseUrl: string, userAgent: string): DeezerClient {
  const headers = { 'user-agent': userAgent };
  const track = (name: string): ApiRequest<TrackResponse> => {
    const url = new URL(`${baseUrl}/track/${name}`);
    return { url, key: url.href, headers, schema: trackResponse, classify, empty: null };
  };
  return {
    search(text) {
      const url = new URL(`${baseUrl}/search/track`);
      url.search = new URLSearchParams({ q: text, limit: LIMIT }).toString();
      return { url, key: url.href, headers, schema: searchResponse, classify, empty: { data: [] } };
    },
    trackByIsrc: (isrc) => track(`isrc:${isrc}`),
    track: (id) => track(encodeURIComponent(id)),
  };
}
