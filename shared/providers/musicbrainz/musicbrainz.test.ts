import type { TrackQuery } from '../../matching/candidate.ts';
import { ProviderError } from '../../task/provider-error.ts';
import type { ApiResponse } from '../provider.ts';
import { musicBrainzClient } from './client.ts';
import { toCandidate, toCandidates, withDetails } from './mapping.ts';
import { chooseRelease } from './release-choice.ts';
import { recordingResponse, type Recording, type Release } from './responses.ts';
import { baseTerms, exactTerms, looseTerms } from './search-terms.ts';

const client = musicBrainzClient('https://mirror.example:5000/ws/2', 'tests/1.0 ( https://example.org )');

const track = (artist: string, title: string, album?: string): TrackQuery => ({
  artist,
  title,
  ...(album === undefined ? {} : { album }),
});

const credit = (name: string, joinphrase?: string) => ({
  name,
  ...(joinphrase === undefined ? {} : { joinphrase }),
  artist: { id: `id of ${name}`, name },
});

const recording = (more: Partial<Recording> = {}): Recording => ({
  id: 'r1',
  title: 'Tidewater',
  'artist-credit': [credit('Oda Rask')],
  ...more,
});

const release = (id: string, more: Partial<Release> & { type?: string; also?: string[] } = {}): Release => {
  const { type = 'Album', also = [], ...rest } = more;
  return {
    id,
    title: id,
    status: 'Official',
    date: '2001-01-01',
    'release-group': { id: `group of ${id}`, 'primary-type': type, 'secondary-types': also },
    ...rest,
  };
};

const answer = (status: number, body: unknown, headers: Record<string, string> = {}): ApiResponse => ({
  status,
  headers: new Headers(headers),
  text: typeof body === 'string' ? body : JSON.stringify(body),
  json: typeof body === 'string' ? undefined : body,
});

function faultOf(response: ApiResponse): ProviderError {
  const verdict = client.search('x').classify(response);
  if (!(verdict instanceof ProviderError)) throw new Error(`expected a fault, got ${verdict}`);
  return verdict;
}

describe('requests', () => {
  test('name the service by the key, whatever it is a mirror of, and the client by its agent', () => {
    const request = client.recording('r/1');
    expect(request.key).toMatch(/^mirror\.example:5000\/ws\/2\/recording\/r%2F1\?inc=artist-credits\+/);
    expect(request.headers).toMatchObject({ 'user-agent': 'tests/1.0 ( https://example.org )' });
  });

  test('the exact question does not depend on the album, so that one response serves them all', () => {
    expect(exactTerms(track('A', 'B', 'C'))).toBe(exactTerms(track('A', 'B')));
    expect(looseTerms(track('A', 'B', 'C'))).toBe('recording:(b) AND artist:(a) status:official release:"c"');
  });

  test.each([
    ['+ - & | ! ( ) { }', String.raw`\+ \- \& \| \! \( \) \{ \}`],
    ['[ ] ^ " ~ * ? : \\ /', String.raw`\[ \] \^ \" \~ \* \? \: \\ \/`],
  ])('every sign with a meaning is escaped: %s', (signs, escaped) => {
    expect(looseTerms(track('a', signs))).toContain(`recording:(${escaped}) `);
  });

  test('a title of operators is not read as one', () => {
    expect(exactTerms(track('NOT', 'Now OR Never AND Then'))).toBe(
      'recording:"now or never and then" AND artist:"not"',
    );
  });

  test('the base question has the song without suffixes, by the first artist', () => {
    const terms = baseTerms(track('Oda Rask & The Tides feat. Bo', 'Tidewater (Live) - 2011 Remaster'));
    expect(terms).toBe('recording:"tidewater" AND artist:"oda rask"');
  });

  test('a title in brackets alone is asked for as it is', () => {
    expect(baseTerms(track('Bo', '[untitled]'))).toBe('recording:"[untitled]" AND artist:"bo"');
  });

  test('a boundless title stays within what a URL can hold, cut between words', () => {
    const terms = exactTerms(track('a', 'tide '.repeat(500)));
    expect(terms.length).toBeLessThan(250);
    expect(terms).toMatch(/tide" AND/);
  });
});

describe('faults', () => {
  const tooFast = { error: 'Your requests are exceeding the allowable rate limit. Please see the wiki.' };

  test.each<[string, ApiResponse, string, number | undefined]>([
    [
      '503 of our zone',
      answer(503, tooFast, { 'x-ratelimit-zone': 'ws', 'retry-after': '2' }),
      'rate_limited',
      2_000,
    ],
    ['503 that says so in words alone', answer(503, tooFast), 'rate_limited', undefined],
    [
      '503 with a day to wait',
      answer(503, tooFast, { 'retry-after': '86400' }),
      'quota_exhausted',
      86_400_000,
    ],
    ['429', answer(429, tooFast, { 'retry-after': '5' }), 'rate_limited', 5_000],
    [
      'shed load',
      answer(503, { error: 'busy' }, { 'x-ratelimit-zone': 'search-global', 'retry-after': '0' }),
      'unavailable',
      undefined,
    ],
    [
      'maintenance',
      answer(503, { error: 'read-only mode' }, { 'retry-after': '120' }),
      'unavailable',
      120_000,
    ],
    ['503 in HTML', answer(503, '<html>'), 'unavailable', undefined],
    ['a bad gateway in HTML', answer(502, '<html>'), 'unavailable', undefined],
    ['HTML with 200', answer(200, '<!doctype html>'), 'unavailable', undefined],
    ['a query that it cannot read', answer(400, { error: 'Invalid query.' }), 'bad_request', undefined],
    ['an address that it has blocked', answer(403, { error: 'Forbidden' }), 'forbidden', undefined],
    ['a method that it has not', answer(405, { error: 'Method Not Allowed' }), 'bad_request', undefined],
    ['what it never implemented', answer(501, { error: 'Not Implemented' }), 'bad_request', undefined],
    ['a search that is not there', answer(404, { error: 'Not Found' }), 'bad_request', undefined],
  ])('%s', (_claim, response, kind, retryAfterMs) => {
    expect(faultOf(response)).toMatchObject({ kind, retryAfterMs, status: response.status });
  });

  test('the end of the window is read by the clock of the service, and believed for half a minute at most', () => {
    const date = 'Fri, 15 Jan 2027 08:00:00 GMT';
    const until = (reset: number) =>
      faultOf(
        answer(503, tooFast, {
          date,
          'retry-after': '2',
          'x-ratelimit-reset': String(1_800_000_000 + reset),
        }),
      ).retryAfterMs;
    expect([until(-5), until(1), until(7), until(3_600)]).toEqual([2_000, 2_000, 7_000, 30_000]);
  });

  test('an unknown id is a miss, a page that is not there is not', () => {
    const request = client.recordingsByIsrc('NOABC0400123');
    expect(request.classify(answer(404, { error: 'Not Found' }))).toBe('miss');
    expect(request.classify(answer(404, '<html>'))).toMatchObject({ kind: 'unavailable' });
  });
});

describe('the release that names the album', () => {
  const chosen = (...releases: Release[]) => chooseRelease(releases)?.id;

  test('is official rather than early', () => {
    expect(chosen(release('bootleg', { status: 'Bootleg', date: '1990' }), release('official'))).toBe(
      'official',
    );
  });

  test('is an album rather than a single, and a plain album rather than a compilation or concert', () => {
    const single = release('single', { type: 'Single', date: '2000' });
    const sampler = release('sampler', { also: ['Compilation'], date: '1999' });
    const concert = release('concert', { also: ['Live'], date: '1998' });
    expect(chosen(single, sampler, concert, release('album'))).toBe('album');
  });

  test('is the earliest of equals, where a year alone may mean its last day', () => {
    const dates = ['', '2001-05-02', '2001', '2002-01-01'];
    expect(chosen(...dates.map((date) => release(`of ${date}`, { date })))).toBe('of 2001-05-02');
  });

  test('is the plain edition of a day, in any order of the answer', () => {
    const group = { id: 'g', title: 'Shore', 'primary-type': 'Album' };
    const plain = release('b', { title: 'Shore', 'release-group': group });
    const other = release('a', { title: 'Shore (explicit cover)', 'release-group': group });
    expect([chosen(plain, other), chosen(other, plain)]).toEqual(['b', 'b']);
  });

  test('is the one that was asked for, by its own name or by that of its group', () => {
    const group = { id: 'g', title: 'Shore', 'primary-type': 'Album', 'secondary-types': ['Compilation'] };
    const asked = release('late', { title: 'Shore: Deluxe', 'release-group': group, date: '2019' });
    const candidate = toCandidate(recording({ releases: [release('early'), asked] }), { album: 'SHORE' });
    expect(candidate).toMatchObject({ album: 'Shore', releaseType: 'compilation' });
  });

  test('of an unknown kind leaves the kind open', () => {
    const candidate = toCandidate(recording({ releases: [{ id: 'x', title: 'Shore' }] }), {});
    expect(candidate).toMatchObject({ album: 'Shore' });
    expect(candidate).not.toHaveProperty('releaseType');
    expect(candidate).not.toHaveProperty('official');
  });

  test('tells the kind in a word: a soundtrack is one', () => {
    const candidate = toCandidate(recording({ releases: [release('film', { also: ['Soundtrack'] })] }), {});
    expect([candidate.releaseType, candidate.fields['album_type']]).toEqual(['other', 'soundtrack']);
  });
});

describe('candidates', () => {
  test('display the credit with its joining phrases and tell guests from partners', () => {
    const credits = [credit('Oda Rask', ' & '), credit('Bo', ' feat. '), credit('Siv', ' & '), credit('Per')];
    const candidate = toCandidate(recording({ 'artist-credit': credits }), {});
    expect(candidate.artist).toBe('Oda Rask & Bo feat. Siv & Per');
    expect(candidate.fields['artists']).toMatchObject(
      ['main', 'main', 'featured', 'featured'].map((role) => ({ role })),
    );
  });

  test('join names by commas where older documents have no joining phrase', () => {
    const candidate = toCandidate(recording({ 'artist-credit': [credit('Oda'), credit('Bo')] }), {});
    expect(candidate.artist).toBe('Oda, Bo');
  });

  test('leave out videos and what has no credit', () => {
    const recordings = [
      recording({ video: true }),
      recording({ 'artist-credit': [] }),
      recording({ video: null }),
    ];
    expect(toCandidates(recordings, {})).toHaveLength(1);
  });

  test('carry the code that they were found by, and no text that is no code', () => {
    const [candidate] = toCandidates([recording({ isrcs: ['no-abc-04-00124', 'none'] })], {
      isrc: 'NOABC0400123',
    });
    expect(candidate?.isrcs).toEqual(['NOABC0400124', 'NOABC0400123']);
  });

  test('say nothing about what is unknown', () => {
    const { fields } = toCandidate(
      recording({ length: 0, 'first-release-date': '', rating: { value: null } }),
      {},
    );
    expect(Object.keys(fields).sort()).toEqual(
      [
        'artist',
        'artists',
        'musicbrainz_artist_ids',
        'musicbrainz_recording_id',
        'musicbrainz_url',
        'title',
      ].sort(),
    );
  });

  test('believe genres that somebody voted for, the most voted first', () => {
    const genres = [
      { name: 'polka', count: -1 },
      { name: 'Folk', count: 1 },
      { name: 'pop', count: 3 },
    ];
    expect(toCandidate(recording({ genres }), {}).fields['genres']).toEqual(['pop', 'folk']);
  });

  test('link to the same track elsewhere only while the link holds', () => {
    const url = { resource: 'https://open.spotify.com/track/0123456789abcdefABCDEF' };
    const linked = (relations: Recording['relations']) =>
      toCandidate(recording({ relations }), {}).fields['spotify_url'];
    expect(linked([{ url }])).toBe(url.resource);
    expect(linked([{ url, ended: true }, { url: { resource: 'https://shop.example/1' } }])).toBeUndefined();
  });
});

describe('details', () => {
  const many = (count: number): Release[] =>
    Array.from({ length: count }, (_, index) => release(`sampler ${index}`, { also: ['Compilation'] }));
  const found = toCandidate(recording({ releases: [...many(30), release('Shore')] }), {});

  test('keep the album of the search when the look-up cuts the releases', () => {
    const candidate = withDetails(found, recording({ releases: many(25) }), {});
    expect(candidate.album).toBe('Shore');
    expect(candidate.fields).toMatchObject({ album_type: 'album', musicbrainz_release_id: 'Shore' });
  });

  test('name the album when the look-up lists all releases', () => {
    const candidate = withDetails(found, recording({ releases: [release('Coast')] }), {});
    expect([candidate.album, candidate.fields['album']]).toEqual(['Coast', 'Coast']);
  });

  test('name the album after a search by code, which does not tell the kinds of releases', () => {
    const untyped = toCandidate(recording({ releases: [{ id: 'x', title: 'Unknown' }] }), {});
    const candidate = withDetails(untyped, recording({ releases: [...many(24), release('Shore')] }), {});
    expect(candidate).toMatchObject({ album: 'Shore', releaseType: 'album' });
  });

  test('are read from the cache as they were read from the wire', () => {
    const wire = {
      ...recording(),
      length: '',
      isrcs: [{ id: 'NOABC0400123' }],
      tags: [{ name: 'x', count: '2' }],
    };
    const once = recordingResponse.parse(wire);
    expect(recordingResponse.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
    expect(once).toMatchObject({ isrcs: ['NOABC0400123'], tags: [{ name: 'x', count: 2 }] });
  });
});
