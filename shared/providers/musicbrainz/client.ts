/** The requests that we make of the web service, and how its refusals read. */
import { ProviderError } from '../../task/provider-error.ts';
import { genericFault, refusal, slowDown } from '../generic-fault.ts';
import type { ApiRequest, ApiResponse, ResponseHeaders } from '../provider.ts';
import { retryAfterMs } from '../retry-after.ts';
import {
  recordingResponse,
  recordingsResponse,
  type RecordingResponse,
  type RecordingsResponse,
} from './responses.ts';

const NAME = 'musicbrainz';
const SHORTEST_WAIT_MS = 1_000;
const LONGEST_RESET_MS = 30_000;

/** Answers are large, some 50 KB for a well-known song: what is not among the first ten is not worth reading. */
const SEARCH_LIMIT = '10';
/** Joined by spaces, which a query string writes as `+`, the form that the service documents. */
const ISRC_INCLUDES = 'artist-credits releases';
const DETAILS = 'artist-credits releases release-groups media isrcs genres tags ratings url-rels';

export interface MusicBrainzClient {
  /** `query` is written in the search language, see search-terms.ts. */
  search(query: string): ApiRequest<RecordingsResponse>;
  /** `isrc` is normalised. A code can name several recordings; one that nobody entered is a miss. */
  recordingsByIsrc(isrc: string): ApiRequest<RecordingsResponse>;
  /** Null for an id that is gone. */
  recording(id: string): ApiRequest<RecordingResponse>;
}

/** Describes requests and makes none. The service refuses clients that do not name themselves and a contact. */
export function musicBrainzClient(baseUrl: string, userAgent: string): MusicBrainzClient {
  const describe = (path: string, parameters: Record<string, string>): { url: URL; key: string } => {
    const url = new URL(`${baseUrl}/${path}`);
    url.search = new URLSearchParams({ ...parameters, fmt: 'json' }).toString();
    // The host is part of it: what a mirror or a sandbox said is not what the service says.
    return { url, key: `${url.host}${url.pathname}${url.search}` };
  };
  const headers = { 'user-agent': userAgent, accept: 'application/json' };
  return {
    search: (query) => ({
      ...describe('recording', { query, limit: SEARCH_LIMIT }),
      headers,
      schema: recordingsResponse,
      classify: (response) => readFault(response) ?? 'ok',
      empty: { recordings: [] },
    }),
    recordingsByIsrc: (isrc) => ({
      ...describe(`isrc/${isrc}`, { inc: ISRC_INCLUDES }),
      headers,
      schema: recordingsResponse,
      classify: missWhenUnknown,
      empty: { recordings: [] },
    }),
    recording: (id) => ({
      ...describe(`recording/${encodeURIComponent(id)}`, { inc: DETAILS }),
      headers,
      schema: recordingResponse,
      classify: missWhenUnknown,
      empty: null,
    }),
  };
}

/** Only their own 404 says that an id is unknown; one from a gateway or a wrong base URL does not. */
function missWhenUnknown(response: ApiResponse): 'ok' | 'miss' | ProviderError {
  if (response.status === 404 && errorText(response) !== '') return 'miss';
  return readFault(response) ?? 'ok';
}

/** Reads what is wrong with an answer, if anything. */
function readFault(response: ApiResponse): ProviderError | undefined {
  const { status } = response;
  if (status === 429 || (status === 503 && isOverOurLimit(response))) return tooFast(response);
  if (status === 503) return overloaded(response);
  if (status === 501) return new ProviderError(NAME, 'bad_request', 'HTTP 501', { status });
  const fault = genericFault(NAME, response);
  if (fault !== undefined || status < 400) return fault;
  return refusal(NAME, response, errorText(response));
}

/** Two refusals share the status 503: this address asks too fast, or the whole service sheds load. */
function isOverOurLimit(response: ApiResponse): boolean {
  const zone = response.headers.get('x-ratelimit-zone');
  return zone === null ? /exceeding the allowable rate/i.test(errorText(response)) : /^ws\b/.test(zone);
}

/** While the service sheds load it says `Retry-After: 0`, which would be a hot loop: then our own back-off decides. */
function overloaded(response: ApiResponse): ProviderError {
  const waitMs = retryAfterMs(response.headers);
  return new ProviderError(NAME, 'unavailable', 'is too busy or read-only, HTTP 503', {
    status: response.status,
    ...(waitMs === undefined || waitMs <= SHORTEST_WAIT_MS ? {} : { retryAfterMs: waitMs }),
  });
}

function tooFast(response: ApiResponse): ProviderError {
  const fault = slowDown(NAME, response);
  const resetMs = untilReset(response.headers);
  if (resetMs === undefined || resetMs <= (fault.retryAfterMs ?? 0)) return fault;
  return new ProviderError(NAME, 'rate_limited', `HTTP ${response.status}, window ends in ${resetMs} ms`, {
    status: response.status,
    retryAfterMs: resetMs,
  });
}

/** Their clock is in the same answer. The window is a second or so: a reset that is far away belongs to another count. */
function untilReset(headers: ResponseHeaders): number | undefined {
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN) * 1_000;
  const serverNow = Date.parse(headers.get('date') ?? '');
  const waitMs = reset - (Number.isNaN(serverNow) ? Date.now() : serverNow);
  return waitMs > 0 ? Math.min(Math.max(waitMs, SHORTEST_WAIT_MS), LONGEST_RESET_MS) : undefined;
}

function errorText(response: ApiResponse): string {
  const { json } = response;
  const told = typeof json === 'object' && json !== null && 'error' in json ? json.error : undefined;
  return typeof told === 'string' ? told : '';
}
