import type { ApiResponse } from './provider.ts';
import { genericFault, refusal, remoteText } from './generic-fault.ts';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
const wait = (value: string, date?: string) =>
  retryAfterMs(new Headers({ 'retry-after': value, ...(date === undefined ? {} : { date }) }), NOW);

describe('retryAfterMs', () => {
  it.each([
    ['7', 7_000],
    ['0', 1_000],
    ['0.2', 1_000],
    ['1.5', 1_500],
    ['81654', 81_654_000],
    ['999999999', 86_400_000],
    ['Thu, 15 Jan 2026 12:00:30 GMT', 30_000],
  ])('reads %s', (value, expected) => {
    expect(wait(value)).toBe(expected);
  });

  it.each(['-5', 'NaN', 'soon', '', '1-2', 'Thu, 15 Jan 2026 11:59:00 GMT'])('ignores "%s"', (value) => {
    expect(wait(value)).toBeUndefined();
  });

  it('holds a date against the clock of the server, not against ours', () => {
    expect(wait('Thu, 15 Jan 2026 18:00:10 GMT', 'Thu, 15 Jan 2026 18:00:00 GMT')).toBe(10_000);
  });

  it('knows no wait without the header', () => {
    expect(retryAfterMs(new Headers(), NOW)).toBeUndefined();
  });
});

function response(status: number, text: string, headers: Record<string, string> = {}): ApiResponse {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status, headers: new Headers(headers), text, json };
}

describe('genericFault', () => {
  it.each([
    [429, '{}', {}, 'rate_limited'],
    [429, '<html>', {}, 'rate_limited'],
    [429, '{}', { 'retry-after': '899' }, 'rate_limited'],
    [429, '{}', { 'retry-after': '900' }, 'quota_exhausted'],
    [408, '{}', {}, 'unavailable'],
    [500, '{"error":"x"}', {}, 'unavailable'],
    [200, '\n<!DOCTYPE html>', {}, 'unavailable'],
    [404, '<html>', {}, 'unavailable'],
    [200, '{"cut":', {}, 'unavailable'],
    [204, '', {}, 'unavailable'],
  ])('reads HTTP %d with %j and %j as %s', (status, text, headers, kind) => {
    expect(genericFault('example', response(status, text, headers))?.kind).toBe(kind);
  });

  it.each([
    [200, 'null'],
    [200, '{"a":1}'],
    [404, '{"error":"none"}'],
    [403, 'go away'],
  ])('leaves HTTP %d with %j to the provider', (status, text) => {
    expect(genericFault('example', response(status, text))).toBeUndefined();
  });

  it('takes the wait from which a quota is spent from the provider', () => {
    const patient = response(429, '{}', { 'retry-after': '60' });
    expect(genericFault('example', patient, 60_000)?.kind).toBe('quota_exhausted');
    expect(genericFault('example', patient, 61_000)?.kind).toBe('rate_limited');
  });

  it('keeps the wait that comes with a fault', () => {
    expect(genericFault('example', response(503, '', { 'retry-after': '0' }))?.retryAfterMs).toBe(1_000);
  });
});

describe('refusal', () => {
  it.each([
    [400, 'bad_request'],
    [401, 'auth'],
    [403, 'forbidden'],
    [422, 'bad_request'],
  ])('reads HTTP %d as %s', (status, kind) => {
    expect(refusal('example', response(status, '{}'))).toMatchObject({ kind, status });
  });
});

describe('remoteText', () => {
  it('keeps a sentence', () => {
    expect(remoteText('The access token expired')).toBe('The access token expired');
  });

  it('is one line without control characters', () => {
    expect(remoteText('a\r\nb\u0000\u001b[31mc')).toBe('a b [31mc');
  });

  it('leaves out what could be a token', () => {
    expect(remoteText('bad key 0123456789abcdef0123456789abcdef in request')).toBe('bad key … in request');
  });

  it('is short, and empty for anything but text', () => {
    expect(remoteText('word '.repeat(1_000)).length).toBeLessThanOrEqual(120);
    expect(remoteText({ message: 'x' })).toBe('');
  });
});
