import { ProviderError } from '../../task/provider-error.ts';
import { genericFault, refusal, remoteText, slowDown } from '../generic-fault.ts';
import type { ApiRequest, ApiResponse, ProviderTools } from '../provider.ts';
import { errorResponse, searchResponse, type SearchResponse } from './responses.ts';
import { fetchToken, type TokenSettings } from './token.ts';

/** The most that an app in development mode may ask for. */
const LIMIT = 10;
/** A wait this long is a block for the day, not pacing. */
const QUOTA_FROM_MS = 10 * 60_000;
const NOT_A_TOKEN = /bearer authentication/i;

export interface ClientSettings extends TokenSettings {
  readonly apiUrl: string;
  readonly market: string;
}

/** `GET /search`; the market is always sent, since without one the service may count everything as unavailable. */
export function searchRequest(
  q: string,
  settings: ClientSettings,
  tools: ProviderTools,
): ApiRequest<SearchResponse> {
  const url = new URL(`${settings.apiUrl}/search`);
  url.search = new URLSearchParams({
    q,
    type: 'track',
    market: settings.market,
    limit: String(LIMIT),
  }).toString();
  let token = '';
  return {
    url,
    headers: { 'user-agent': tools.userAgent },
    key: url.href,
    schema: searchResponse,
    classify,
    empty: { tracks: { items: [] } },
    async authorize(_url, signal) {
      token = await tools.tokens.get((fetchSignal) => fetchToken(settings, tools, fetchSignal), signal);
      return { authorization: `Bearer ${token}` };
    },
    reauthorize: () => tools.tokens.discard(token),
  };
}

/** The service's table of errors. */
function classify(response: ApiResponse): 'ok' | 'miss' | ProviderError {
  const { message, reason } = errorResponse.safeParse(response.json).data?.error ?? {};
  if (response.status === 429) return tooMany(response, reason);
  // Plain text or HTML for users who are not registered with the app.
  if (response.status === 403) return refusal('spotify', response, message ?? 'not allowed for this app');
  const fault = genericFault('spotify', response);
  if (fault !== undefined) return fault;
  // Some signs in a filter answer "not found" instead of an empty page.
  if (response.status === 404) return 'miss';
  if (response.status < 400) return 'ok';
  // Said with 400 about a token that is damaged: a new one helps, another query does not.
  if (NOT_A_TOKEN.test(message ?? '')) {
    return new ProviderError('spotify', 'auth', 'token is not accepted', { status: response.status });
  }
  return refusal('spotify', response, message);
}

/** The quota counts for all apps of an account: neither another client id nor another worker gets round it. */
function tooMany(response: ApiResponse, reason: string | null | undefined): ProviderError {
  const paced = slowDown('spotify', response, QUOTA_FROM_MS);
  if (reason === null || reason === undefined) return paced;
  const kind = reason === 'QUOTA_EXCEEDED' ? 'quota_exhausted' : paced.kind;
  return new ProviderError('spotify', kind, `HTTP 429 (${remoteText(reason)})`, {
    status: 429,
    ...(paced.retryAfterMs === undefined ? {} : { retryAfterMs: paced.retryAfterMs }),
  });
}
