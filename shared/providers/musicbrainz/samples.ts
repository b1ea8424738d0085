import type { ProviderSamples, SampleExchange, SampleReply } from '../samples.ts';

const STUDIO = '0b9a6f54-41c2-4f0e-9a57-3d2f1c7e8a10';
const LIVE = '1c8b7e63-52d3-4a1f-8b68-4e3a2d8f9b21';
const OTHER = '2d7c8d72-63e4-4b2a-9c79-5f4b3e9a0c32';
const ARTIST = { id: '3e6d9c81-74f5-4c3b-ad8a-6a5c4f0b1d43', name: 'Mira Solberg' };
const DETAILS =
  '?inc=artist-credits+releases+release-groups+media+isrcs+genres+tags+ratings+url-rels&fmt=json';
const EXACT = 'recording:"harbour lights" AND artist:"mira solberg"';
const LOOSE = 'recording:(harbour lights) AND artist:(mira solberg) status:official release:"north pier"';
const query = { artist: 'Mira Solberg', title: 'Harbour Lights', album: 'North Pier', durationMs: 241_000 };

const release = (title: string, date: string, group: object) => ({
  id: `release-${title}-${date}`,
  title,
  status: 'Official',
  date,
  media: [{ position: 1, format: 'CD', track: [{ id: 't', number: 'A1', title: 'Harbour Lights' }] }],
  'release-group': { id: `group-${title}`, title, ...group },
});
const album = release('North Pier', '2004-05-17', { 'primary-type': 'Album' });
const sampler = release('Best of the Coast', '2003', {
  'primary-type': 'Album',
  'secondary-types': ['Compilation'],
});
const concert = release('Live in Bergen', '2006', { 'secondary-types': ['Live'] });

const studio = {
  id: STUDIO,
  score: 100,
  title: 'Harbour Lights',
  length: 241_400,
  video: null,
  'artist-credit': [{ name: 'Mira Solberg', artist: ARTIST }],
  'first-release-date': '2004-03',
  releases: [sampler, album],
  isrcs: ['NOABC0400123'],
};
const bootleg = {
  ...studio,
  id: LIVE,
  length: 263_000,
  disambiguation: 'live, 2006-08-14: Bergen',
  'first-release-date': '2006',
  releases: [{ ...concert, status: 'Bootleg' }],
  isrcs: undefined,
};
const bare = { id: STUDIO, title: 'Harbour Lights', 'artist-credit': studio['artist-credit'] };
const detailed = { ...studio, video: false, disambiguation: '', score: undefined };
const community = {
  genres: [
    { name: 'indie folk', count: 2 },
    { name: 'Dream Pop', count: 5 },
    { name: 'polka', count: 0 },
  ],
  tags: [{ name: 'norwegian', count: 1 }],
  rating: { value: 4.35, 'votes-count': 12 },
  relations: [
    { type: 'free streaming', url: { resource: 'https://open.spotify.com/track/0123456789abcdefABCDEF' } },
  ],
};

const found = (...recordings: object[]): SampleReply => ({
  body: { created: '2026-02-03T04:05:06.789Z', count: recordings.length, offset: 0, recordings },
});
const failed = (status: number, error: string, headers: Record<string, string> = {}): SampleReply => ({
  status,
  headers,
  body: { error, help: 'For usage, please see: https://musicbrainz.org/development/mmd' },
});
const search = (terms: string, reply: SampleReply): SampleExchange => ({
  request: `GET /musicbrainz/ws/2/recording?${new URLSearchParams({ query: terms, limit: '10', fmt: 'json' }).toString()}`,
  reply,
});
const details = (id: string, reply: SampleReply): SampleExchange => ({
  request: `GET /musicbrainz/ws/2/recording/${id}${DETAILS}`,
  reply,
});
const byIsrc = (isrc: string, reply: SampleReply): SampleExchange => ({
  request: `GET /musicbrainz/ws/2/isrc/${isrc}?inc=artist-credits+releases&fmt=json`,
  reply,
});

const TOO_FAST =
  'Your requests are exceeding the allowable rate limit. Please see http://wiki.musicbrainz.org/XMLWebService for more information.';
const BUSY = 'The MusicBrainz web server is currently busy. Please try again later.';

const samples: ProviderSamples = {
  env: {},
  query,
  hit: {
    claim:
      'prefers the studio recording to a bootleg that scores as high, and names the album that was asked for',
    exchanges: [
      search(EXACT, found(bootleg, studio)),
      details(STUDIO, { body: { ...detailed, ...community } }),
    ],
    outcome: {
      kind: 'hit',
      id: STUDIO,
      fields: {
        title: 'Harbour Lights',
        artist: 'Mira Solberg',
        artists: [{ name: 'Mira Solberg', id: ARTIST.id, role: 'main' }],
        album: 'North Pier',
        album_type: 'album',
        release_date: '2004-05-17',
        first_release_date: '2004-03',
        duration_ms: 241_400,
        isrcs: ['NOABC0400123'],
        genres: ['dream pop', 'indie folk'],
        tags: ['norwegian'],
        musicbrainz_recording_id: STUDIO,
        musicbrainz_artist_ids: [ARTIST.id],
        musicbrainz_release_id: album.id,
        musicbrainz_release_group_id: 'group-North Pier',
        musicbrainz_url: `https://musicbrainz.org/recording/${STUDIO}`,
        musicbrainz_rating: 4.35,
        spotify_id: '0123456789abcdefABCDEF',
      },
    },
  },
  miss: {
    claim: 'asks for phrases, then for words, and finds nothing',
    exchanges: [search(EXACT, found()), search(LOOSE, found())],
    outcome: { kind: 'miss' },
  },
  ambiguous: {
    claim: 'does not choose between two recordings of one name that differ by a minute',
    query: { artist: 'Mira Solberg', title: 'Harbour Lights' },
    exchanges: [
      search(EXACT, found(studio, { ...studio, id: OTHER, length: 322_000, isrcs: [] })),
      search('recording:(harbour lights) AND artist:(mira solberg) status:official', found(bootleg)),
    ],
    outcome: { kind: 'ambiguous' },
  },
  oddities: [
    {
      claim:
        'reads older documents: codes as objects, numbers as text, credits without a name, no joining phrase',
      exchanges: [
        search(
          EXACT,
          found({
            ...studio,
            score: '100',
            length: '241400',
            'artist-credit': [{ artist: ARTIST }],
            isrcs: [{ id: 'NO-ABC-04-00123' }],
          }),
        ),
        details(STUDIO, { body: detailed }),
      ],
      outcome: { kind: 'hit', id: STUDIO, fields: { artist: 'Mira Solberg', isrcs: ['NOABC0400123'] } },
    },
    {
      claim: 'reads a recording without length, first release, releases and codes',
      exchanges: [
        search(EXACT, found({ ...bare, length: null })),
        details(STUDIO, {
          body: { ...bare, disambiguation: '', 'first-release-date': '', releases: [], tags: [] },
        }),
      ],
      outcome: { kind: 'hit', id: STUDIO },
    },
    {
      claim: 'passes over a video of the song',
      exchanges: [search(EXACT, found({ ...studio, video: true })), search(LOOSE, found())],
      outcome: { kind: 'miss' },
    },
    {
      claim: 'takes the surviving id of a recording that was merged',
      exchanges: [search(EXACT, found(studio)), details(STUDIO, { body: { ...detailed, id: OTHER } })],
      outcome: { kind: 'hit', id: OTHER, fields: { musicbrainz_recording_id: OTHER } },
    },
    {
      claim: 'keeps what the search told of a recording that is gone when its details are asked for',
      exchanges: [search(EXACT, found(studio)), details(STUDIO, failed(404, 'Not Found'))],
      outcome: { kind: 'hit', id: STUDIO, fields: { album: 'North Pier' } },
    },
    {
      claim: 'looks the code up first, and tells apart the recordings that share it',
      query: { ...query, isrc: 'NOABC0400123' },
      exchanges: [
        byIsrc('NOABC0400123', {
          body: {
            isrc: 'NOABC0400123',
            recordings: [
              { ...studio, id: OTHER, title: 'Harbour Lights: II. Dawn', isrcs: undefined },
              studio,
            ],
          },
        }),
        details(STUDIO, { body: detailed }),
      ],
      outcome: { kind: 'hit', id: STUDIO },
    },
    {
      claim: 'searches when nobody entered the code',
      query: { ...query, isrc: 'NOABC0499999' },
      exchanges: [
        byIsrc('NOABC0499999', failed(404, 'Not Found')),
        search(EXACT, found(studio)),
        details(STUDIO, { body: detailed }),
      ],
      outcome: { kind: 'hit', id: STUDIO },
    },
    {
      claim:
        'escapes what the search language would read as syntax, and leaves out guests, remasters and typography',
      query: {
        artist: 'AC/DC feat. Nobody',
        title: '“Live!” OR (Not): it’s Now AND Never… [ft. X] - 2011 Remaster',
      },
      exchanges: [
        {
          request:
            'GET /musicbrainz/ws/2/recording?query=recording%3A%22%5C%22live%21%5C%22+or+%28not%29%3A+it%27s+now+and+never...' +
            '%22+AND+artist%3A%22ac%2Fdc%22&limit=10&fmt=json',
          reply: found(),
        },
        search(
          String.raw`recording:(\"live\!\" or \(not\)\: it's now and never...) AND artist:(ac\/dc) status:official`,
          found(),
        ),
        search(String.raw`recording:"\"live!\" or : it's now and never..." AND artist:"ac/dc"`, found()),
      ],
      outcome: { kind: 'miss' },
    },
    {
      claim: 'waits as long as it is told when this address asks too fast',
      exchanges: [search(EXACT, failed(503, TOO_FAST, { 'x-ratelimit-zone': 'ws', 'retry-after': '2' }))],
      outcome: { kind: 'error', error: 'rate_limited', status: 503, retryAfterMs: 2_000 },
    },
    {
      claim: 'backs off from a service that sheds load, though it says that no wait is needed',
      exchanges: [
        search(EXACT, failed(503, BUSY, { 'x-ratelimit-zone': 'search-global', 'retry-after': '0' })),
      ],
      outcome: { kind: 'error', error: 'unavailable', status: 503, retryAfterMs: null },
    },
    {
      claim: 'reports a list that became an object',
      exchanges: [search(EXACT, { body: { count: 1, offset: 0, recordings: { id: STUDIO } } })],
      outcome: { kind: 'error', error: 'contract' },
    },
  ],
};

export default samples;
