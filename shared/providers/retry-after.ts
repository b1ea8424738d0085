import type { ResponseHeaders } from './provider.ts';

const MIN_WAIT_MS = 1_000;
const MAX_WAIT_MS = 24 * 3_600_000;

/**
 * How long a service asks us to stay away, in milliseconds, 1 s to 24 h: `Retry-After` in seconds or as a date, which
 * is held against the server's own `Date`, so that our clock may be wrong. 0 means "soon" and never a hot loop.
 * Undefined when the header is absent, negative or nonsense.
 */
export function retryAfterMs(headers: ResponseHeaders, now: number = Date.now()): number | undefined {
  const raw = headers.get('retry-after')?.trim();
  if (raw === undefined || raw === '') return undefined;
  const waitMs = /^[\d.+-]+$/.test(raw) ? Number(raw) * 1_000 : untilDate(raw, headers, now);
  if (!Number.isFinite(waitMs) || waitMs < 0) return undefined;
  return Math.min(Math.max(Math.ceil(waitMs), MIN_WAIT_MS), MAX_WAIT_MS);
}

function untilDate(raw: string, headers: ResponseHeaders, now: number): number {
  const serverNow = Date.parse(headers.get('date') ?? '');
  return Date.parse(raw) - (Number.isNaN(serverNow) ? now : serverNow);
}
