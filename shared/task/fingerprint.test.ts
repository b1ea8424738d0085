import fc from 'fast-check';
import { fingerprintOf, normaliseError } from './fingerprint.ts';

const cause = (error: string) => ({
  reason: 'providers_failed',
  errorClass: 'unavailable 503',
  provider: 'spotify',
  error,
});

test.each([
  [
    'ids and numbers',
    'spotify: no track 4uLU6hMCjMI75M1A2tKUQC (4 attempts)',
    'spotify: no track 7ouMYWpwJ422jRcDASZB7P (2 attempts)',
  ],
  ['addresses', 'lastfm: GET https://a.example/x?q=1 failed', 'lastfm: GET https://b.example/y/z failed'],
  ['quoted values', "title: expected text, got 'Strobe'", "title: expected text, got 'Ghosts''"],
  [
    'JSON in the message',
    'Unexpected token, "{"a": 1}" is not JSON',
    'Unexpected token, "[broken" is not JSON',
  ],
  ['case and white space', 'HTTP 503  from\nupstream', 'http 502 from upstream'],
])('errors that differ in %s have one fingerprint', (_, one, other) => {
  expect(fingerprintOf(cause(one))).toBe(fingerprintOf(cause(other)));
});

test('other words, another provider, another status or another reason are another cause', () => {
  const one = cause('answered HTML');
  const others = [
    { ...one, error: 'answered nothing' },
    { ...one, provider: 'tmdb' },
    { ...one, errorClass: 'unavailable 502' },
    { ...one, reason: 'refused_row' },
  ];
  expect(new Set([one, ...others].map(fingerprintOf)).size).toBe(5);
});

test("a provider's name stays readable", () => {
  expect(normaliseError('musicbrainz: answered HTTP 503 (4 attempts)')).toBe(
    'musicbrainz: answered http # (# attempts)',
  );
});

test('whatever the number in it, the error is the same', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.uuid(), fc.uuid(), (a, b, id, other) => {
      const error = (n: number, uuid: string): string => `row ${n} of ${uuid}: took ${n}ms`;
      expect(normaliseError(error(a, id))).toBe(normaliseError(error(b, other)));
    }),
  );
});
