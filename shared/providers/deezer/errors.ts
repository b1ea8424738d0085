import { ProviderError, type ProviderErrorKind } from '../../task/provider-error.ts';
import { genericFault, refusal, remoteText } from '../generic-fault.ts';
import type { ApiResponse } from '../provider.ts';
import { errorResponse } from './responses.ts';

/** By the code in the body: the HTTP status is 200 whatever went wrong. */
const KINDS: Readonly<Record<number, ProviderErrorKind>> = {
  4: 'rate_limited',
  100: 'bad_request',
  200: 'forbidden',
  300: 'auth',
  500: 'bad_request',
  501: 'bad_request',
  600: 'bad_request',
  700: 'unavailable',
  901: 'forbidden',
};
const NO_DATA = 800;
/** The service names no time. Its window is this long: asking within it would only be refused again. */
const WINDOW_MS = 5_000;

/** The service's table of errors. A code that it does not list is a broken contract, never a miss. */
export function classify(response: ApiResponse): 'ok' | 'miss' | ProviderError {
  const { code, message } = errorResponse.safeParse(response.json).data?.error ?? {};
  if (code === undefined) {
    const fault = genericFault('deezer', response);
    return fault ?? (response.status >= 400 ? refusal('deezer', response) : 'ok');
  }
  if (code === NO_DATA) return 'miss';
  const kind = KINDS[code] ?? 'contract';
  const what = `HTTP ${response.status}, error ${code} (${remoteText(message)})`;
  return new ProviderError('deezer', kind, what, {
    status: response.status,
    ...(kind === 'rate_limited' ? { retryAfterMs: WINDOW_MS } : {}),
  });
}
