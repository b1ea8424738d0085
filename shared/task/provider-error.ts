/**
 * How a request can go wrong. HTTP status alone decides nothing: each provider reads status, content type and body.
 *
 * - `rate_limited`: slow down; later, without spending an attempt; closes the gate for everybody
 * - `quota_exhausted`: the same for hours
 * - `unavailable`: a transient fault (5xx, network, timeout, HTML or broken JSON); costs an attempt
 * - `auth`: token or key refused, also after one renewal; pauses the provider, costs no attempt
 * - `bad_request`, `forbidden`: our query or our access is wrong; never retried
 * - `contract`: an answer whose shape we do not know, or that is too large; never retried
 */
export type ProviderErrorKind =
  'rate_limited' | 'quota_exhausted' | 'unavailable' | 'auth' | 'bad_request' | 'forbidden' | 'contract';

/** Thrown when a request fails; its kind says what follows. The message never holds a credential or a full URL. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly kind: ProviderErrorKind;
  readonly provider: string;
  readonly status: number | undefined;
  /** How long the provider asked us to stay away. */
  readonly retryAfterMs: number | undefined;

  constructor(
    provider: string,
    kind: ProviderErrorKind,
    message: string,
    facts: { status?: number; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(`${provider}: ${message}`, { cause: facts.cause });
    this.kind = kind;
    this.provider = provider;
    this.status = facts.status;
    this.retryAfterMs = facts.retryAfterMs;
  }
}
