import { ProviderError } from '../task/provider-error.ts';
import type { ApiResponse } from './provider.ts';
import { retryAfterMs } from './retry-after.ts';

/** A wait from here on is no pacing any more: the quota is spent, and the provider is parked. */
const QUOTA_FROM_MS = 15 * 60_000;
const REMOTE_TEXT_LENGTH = 120;

/**
 * The part of an error table that is the same everywhere: 429, 5xx, HTML instead of JSON, broken or empty JSON under a
 * 2xx. Undefined = nothing wrong so far, or another 4xx, on which the provider's own table decides. A provider asks its
 * own table first wherever that knows better.
 */
export function genericFault(
  provider: string,
  response: ApiResponse,
  quotaFromMs: number = QUOTA_FROM_MS,
): ProviderError | undefined {
  if (response.status === 429) return slowDown(provider, response, quotaFromMs);
  if (response.status >= 500 || response.status === 408) {
    return transient(provider, response, `HTTP ${response.status}`);
  }
  if (isHtml(response)) return transient(provider, response, `HTML with HTTP ${response.status}`);
  if (response.status < 300 && response.json === undefined) {
    const what = response.text.trim() === '' ? 'an empty body' : 'broken JSON';
    return transient(provider, response, `${what} with HTTP ${response.status}`);
  }
  return undefined;
}

/** `rate_limited`, or `quota_exhausted` when the service wants us away for `quotaFromMs` or longer. */
export function slowDown(
  provider: string,
  response: ApiResponse,
  quotaFromMs: number = QUOTA_FROM_MS,
): ProviderError {
  const waitMs = retryAfterMs(response.headers);
  const kind = waitMs !== undefined && waitMs >= quotaFromMs ? 'quota_exhausted' : 'rate_limited';
  const asked = waitMs === undefined ? 'without Retry-After' : `Retry-After ${Math.ceil(waitMs / 1_000)} s`;
  return new ProviderError(provider, kind, `HTTP ${response.status}, ${asked}`, {
    status: response.status,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  });
}

/** What a 4xx says by its status alone, for codes that the provider's own table does not list. */
export function refusal(provider: string, response: ApiResponse, remoteMessage?: unknown): ProviderError {
  const kind = response.status === 401 ? 'auth' : response.status === 403 ? 'forbidden' : 'bad_request';
  const text = remoteText(remoteMessage);
  return new ProviderError(provider, kind, `HTTP ${response.status}${text === '' ? '' : ` (${text})`}`, {
    status: response.status,
  });
}

/**
 * A service's own words, fit for logs and errors: one line, at most 120 characters. Anything that could be a token is
 * left out, since services like to repeat what they were sent.
 */
export function remoteText(raw: unknown): string {
  if (typeof raw !== 'string') return '';
  return raw
    .slice(0, 1_000)
    .replace(/[\p{C}\s]+/gu, ' ')
    .replace(/\S{20,}/g, '…')
    .trim()
    .slice(0, REMOTE_TEXT_LENGTH);
}

function transient(provider: string, response: ApiResponse, what: string): ProviderError {
  const waitMs = retryAfterMs(response.headers);
  return new ProviderError(provider, 'unavailable', `answered ${what}`, {
    status: response.status,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  });
}

const isHtml = (response: ApiResponse): boolean =>
  response.json === undefined && /^\s*<(!doctype|html|head|body|\?xml|[a-z])/i.test(response.text);
