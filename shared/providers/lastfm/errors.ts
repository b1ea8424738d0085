import { ProviderError, type ProviderErrorKind } from '../../task/provider-error.ts';
import { genericFault, refusal, remoteText, slowDown } from '../generic-fault.ts';
import type { ApiResponse } from '../provider.ts';
import { errorResponse } from './responses.ts';

/** By the code in the body, which comes with all kinds of HTTP status, 200 among them. */
const KINDS: Readonly<Record<number, ProviderErrorKind>> = {
  2: 'bad_request',
  3: 'bad_request',
  4: 'auth',
  5: 'bad_request',
  7: 'bad_request',
  8: 'unavailable',
  9: 'auth',
  10: 'auth',
  11: 'unavailable',
  13: 'auth',
  16: 'unavailable',
  17: 'forbidden',
  26: 'auth',
};
const NOT_FOUND_OR_BAD = 6;
const RATE_LIMIT = 29;

/** The service's table of errors. A code that it does not list is `contract` under 2xx, else what the status says. */
export function classify(response: ApiResponse): 'ok' | 'miss' | ProviderError {
  const { error: code, message } = errorResponse.safeParse(response.json).data ?? {};
  if (code === RATE_LIMIT) return slowDown('lastfm', response);
  // One code for "no such track" and "your request lacks a parameter": only the words differ.
  if (code === NOT_FOUND_OR_BAD && /not (?:be )?found/i.test(message ?? '')) return 'miss';
  const kind = code === NOT_FOUND_OR_BAD ? 'bad_request' : KINDS[code ?? Number.NaN];
  if (kind !== undefined) return fault(response, kind, `error ${code ?? ''} (${remoteText(message)})`);
  const generic = genericFault('lastfm', response);
  if (generic !== undefined) return generic;
  if (response.status >= 400) return refusal('lastfm', response, message);
  return code === undefined ? 'ok' : fault(response, 'contract', `unknown error ${code}`);
}

const fault = (response: ApiResponse, kind: ProviderErrorKind, what: string): ProviderError =>
  new ProviderError('lastfm', kind, `HTTP ${response.status}, ${what}`, { status: response.status });
