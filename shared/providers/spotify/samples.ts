import type { TrackQuery } from '../../matching/candidate.ts';
import type { ProviderSamples, SampleExchange, SampleReply } from '../samples.ts';

const CLIENT_ID = '4f1d0c9ab87e4e5d9c1f2b3a6d7e8f90';
const CLIENT_SECRET = '0a9b8c7d6e5f40312233445566778899';
const TOKEN = 'BQDinvented-token-of-the-samples_1234567890';
const OLD_TOKEN = 'BQDinvented-token-that-has-expired_0987654321';
const BASIC = Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64');

const query: TrackQuery = { artist: 'Mira Solen', title: 'Glass Harbour', durationMs: 214_000 };
const FILTERS = 'track:"glass harbour" artist:"mira solen"';
const FREE_TEXT = 'mira solen glass harbour';

const track = (changes: Record<string, unknown> = {}) => ({
  album: {
    album_type: 'album',
    artists: [{ id: '7aRtIsT00000000000001', name: 'Mira Solen', type: 'artist' }],
    id: '2aLbUm0000000000000001',
    images: [
      { height: 1000, url: 'https://images.example/1000.jpg', width: 1000 },
      { height: 640, url: 'https://images.example/640.jpg', width: 640 },
      { height: 64, url: 'https://images.example/64.jpg', width: 64 },
    ],
    name: 'Low Tide',
    release_date: '2019-04-05',
    release_date_precision: 'day',
    total_tracks: 11,
    type: 'album',
  },
  artists: [
    { id: '7aRtIsT00000000000001', name: 'Mira Solen', type: 'artist' },
    { id: '7aRtIsT00000000000002', name: 'Ivo Kaan', type: 'artist' },
  ],
  disc_number: 1,
  duration_ms: 214_310,
  explicit: false,
  external_ids: { isrc: 'QZABC1900017' },
  external_urls: { spotify: 'https://open.spotify.com/track/1tRaCk0000000000000001' },
  id: '1tRaCk0000000000000001',
  is_local: false,
  is_playable: true,
  name: 'Glass Harbour',
  popularity: 41,
  preview_url: null,
  track_number: 3,
  type: 'track',
  ...changes,
});

const page = (...items: unknown[]) => ({
  tracks: {
    href: 'https://api.example/v1/search?query=glass+harbour&offset=0&limit=10&type=track',
    items,
    limit: 10,
    next: null,
    offset: 0,
    previous: null,
    total: items.length,
  },
});

const search = (q: string, reply: SampleReply, market = 'US', bearer = TOKEN): SampleExchange => ({
  request: `GET /spotify/v1/search?${new URLSearchParams({ q, type: 'track', market, limit: '10' }).toString()}`,
  requires: { authorization: `Bearer ${bearer}`, accept: 'application/json' },
  reply,
});

const token = (reply: SampleReply): SampleExchange => ({
  request: 'POST /spotify-accounts/api/token',
  requires: {
    authorization: `Basic ${BASIC}`,
    'content-type': 'application/x-www-form-urlencoded',
  },
  reply,
});

const refused = (status: number, message: string, reason?: string): SampleReply => ({
  status,
  body: { error: { status, message, ...(reason === undefined ? {} : { reason }) } },
});

const found = (changes: Record<string, unknown> = {}) => search(FILTERS, { body: page(track(changes)) });
const hit = { kind: 'hit', id: '1tRaCk0000000000000001' } as const;

const samples: ProviderSamples = {
  env: { SPOTIFY_CLIENT_ID: CLIENT_ID, SPOTIFY_CLIENT_SECRET: CLIENT_SECRET },
  secrets: [TOKEN, OLD_TOKEN, BASIC],
  query,
  always: [token({ body: { access_token: TOKEN, token_type: 'Bearer', expires_in: 3600 } })],
  hit: {
    claim: 'maps everything that a track tells',
    query: { ...query, isrc: 'QZABC1900017' },
    exchanges: [search('isrc:QZABC1900017', { body: page(track()) })],
    outcome: {
      ...hit,
      fields: {
        title: 'Glass Harbour',
        artist: 'Mira Solen, Ivo Kaan',
        artists: [
          { name: 'Mira Solen', id: '7aRtIsT00000000000001', role: 'main' },
          { name: 'Ivo Kaan', id: '7aRtIsT00000000000002', role: 'featured' },
        ],
        album: 'Low Tide',
        album_type: 'album',
        release_date: '2019-04-05',
        duration_ms: 214_310,
        isrcs: ['QZABC1900017'],
        explicit: false,
        track_number: 3,
        disc_number: 1,
        artwork_url: 'https://images.example/640.jpg',
        spotify_id: '1tRaCk0000000000000001',
        spotify_album_id: '2aLbUm0000000000000001',
        spotify_url: 'https://open.spotify.com/track/1tRaCk0000000000000001',
        spotify_popularity: 41,
      },
    },
  },
  miss: {
    claim: 'climbs to the base title before it gives up',
    query: {
      artist: 'Mira Solen feat. Ivo Kaan',
      title: 'Glass Harbour (Night Mix 2) - Demo',
      isrc: 'QZABC1900017',
    },
    exchanges: [
      search('isrc:QZABC1900017', { body: page() }),
      search('track:"glass harbour (night mix 2) demo" artist:"mira solen"', { body: page() }),
      search('mira solen feat. ivo kaan glass harbour (night mix 2) - demo', { body: page() }),
      search(FREE_TEXT, { body: page() }),
    ],
    outcome: { kind: 'miss' },
  },
  ambiguous: {
    claim: 'does not choose between two recordings that are equally near',
    query: { artist: 'Mira Solen', title: 'Glass Harbour' },
    exchanges: [
      search(FILTERS, {
        body: page(
          track(),
          track({
            id: '1tRaCk0000000000000002',
            duration_ms: 312_000,
            external_ids: { isrc: 'QZABC2100044' },
          }),
        ),
      }),
      search(FREE_TEXT, { body: page() }),
    ],
    outcome: { kind: 'ambiguous' },
  },
  oddities: [
    {
      claim: 'needs none of the fields that apps in development mode do not get',
      exchanges: [
        search(FILTERS, {
          body: page({
            id: '1tRaCk0000000000000001',
            name: 'Glass Harbour',
            artists: [{ name: 'Mira Solen' }],
          }),
        }),
      ],
      outcome: {
        ...hit,
        fields: { title: 'Glass Harbour', artists: [{ name: 'Mira Solen', role: 'main' }] },
      },
    },
    {
      claim: 'passes over holes, files of users and tracks that were taken down',
      exchanges: [
        search(FILTERS, {
          body: page(
            null,
            track({ id: null }),
            track({ id: 'gone', name: '' }),
            track({ is_local: true, id: 'local' }),
            track(),
          ),
        }),
      ],
      outcome: hit,
    },
    {
      claim: 'prefers a track that is offered to a duplicate that is offered nowhere',
      exchanges: [
        search(FILTERS, {
          body: page(track({ id: 'dead', available_markets: [], is_playable: false }), track()),
        }),
      ],
      outcome: hit,
    },
    {
      claim: 'reads codes with dashes, the year 0000, numbers as text and pictures without a size',
      exchanges: [
        found({
          external_ids: { isrc: 'qz-abc-19-00017' },
          duration_ms: '214310',
          album: {
            album_type: 'SINGLE',
            id: null,
            name: 'Low Tide',
            release_date: '0000',
            images: [{ url: 'https://images.example/plain.jpg', width: null, height: null }],
          },
        }),
      ],
      outcome: {
        ...hit,
        fields: {
          isrcs: ['QZABC1900017'],
          duration_ms: 214_310,
          album_type: 'single',
          artwork_url: 'https://images.example/plain.jpg',
        },
      },
    },
    {
      claim: 'reads an empty external_ids and links that are no https URL as not told',
      exchanges: [
        found({ external_ids: {}, external_urls: { spotify: 'javascript:alert(1)' }, album: null }),
      ],
      outcome: hit,
    },
    {
      claim: 'keeps signs out of the filters that break them',
      query: { artist: '“-M-”', title: 'What’s Goin’ On/Off + More' },
      env: { SPOTIFY_MARKET: 'de' },
      exchanges: [
        search('track:"what s goin on off more" artist:"m"', { body: page() }, 'DE'),
        search("-m- what's goin' on/off + more", { body: page() }, 'DE'),
      ],
      outcome: { kind: 'miss' },
    },
    {
      claim: 'asks for the song, not for its remaster and its guests',
      query: { artist: 'Mira Solen', title: 'Mira Solen - Glass Harbour [feat. Ivo Kaan] (2011 Remaster)' },
      exchanges: [found()],
      outcome: hit,
    },
    {
      claim: 'sends no empty filter for names that consist of signs',
      query: { artist: 'Mira: Solen', title: '+' },
      exchanges: [search('mira solen +', { body: page() })],
      outcome: { kind: 'miss' },
    },
    {
      claim: 'passes over a live version that comes first',
      exchanges: [
        search(FILTERS, {
          body: page(track({ id: 'live', name: 'Glass Harbour - Live at Kaap', external_ids: {} }), track()),
        }),
      ],
      outcome: hit,
    },
    {
      claim: 'goes on to the next question when what a code names has another title',
      query: { ...query, isrc: 'QZABC1900017' },
      exchanges: [
        search('isrc:QZABC1900017', { body: page(track({ id: 'other', name: 'Silver Engine' })) }),
        found(),
      ],
      outcome: hit,
    },
    {
      claim: 'goes on to the next question when a filter is not understood (404)',
      exchanges: [
        search(FILTERS, refused(404, 'Resource not found')),
        search(FREE_TEXT, { body: page(track()) }),
      ],
      outcome: hit,
    },
    {
      claim: 'reads JSON under any content type, after a byte order mark',
      exchanges: [
        search(FILTERS, {
          headers: { 'content-type': 'text/plain' },
          body: `\ufeff${JSON.stringify(page(track()))}`,
        }),
      ],
      outcome: hit,
    },
    {
      claim: 'renews an expired token once, and sends the new one',
      always: [],
      exchanges: [
        token({ body: { access_token: OLD_TOKEN, token_type: 'Bearer', expires_in: 3600 } }),
        search(FILTERS, refused(401, 'The access token expired'), 'US', OLD_TOKEN),
        token({ body: { access_token: TOKEN, token_type: 'Bearer', expires_in: 3600 } }),
        found(),
      ],
      counted: 2,
      outcome: hit,
    },
    {
      claim: 'renews a damaged token, which is refused with 400',
      exchanges: [search(FILTERS, refused(400, 'Only valid bearer authentication supported')), found()],
      outcome: hit,
    },
    {
      claim: 'renews a token once only',
      exchanges: [
        search(FILTERS, refused(401, 'Invalid access token')),
        search(FILTERS, refused(401, 'Invalid access token')),
      ],
      outcome: { kind: 'error', error: 'auth', status: 401 },
    },
    {
      claim: 'asks nothing when the credentials are refused',
      always: [
        token({
          status: 400,
          body: { error: 'invalid_client', error_description: `Invalid ${CLIENT_SECRET}` },
        }),
      ],
      exchanges: [],
      outcome: { kind: 'error', error: 'auth', status: 400 },
    },
    {
      claim: 'waits for the token service when that is down',
      always: [token({ status: 503, body: '' })],
      exchanges: [],
      outcome: { kind: 'error', error: 'unavailable', status: 503 },
    },
    {
      claim: 'takes a token answer without a token for a broken contract',
      always: [token({ body: { token: TOKEN } })],
      exchanges: [],
      outcome: { kind: 'error', error: 'contract' },
    },
    {
      claim: 'takes ten minutes of waiting for a spent quota',
      exchanges: [
        search(FILTERS, { ...refused(429, 'API rate limit exceeded'), headers: { 'retry-after': '600' } }),
      ],
      outcome: { kind: 'error', error: 'quota_exhausted', retryAfterMs: 600_000 },
    },
    {
      claim: 'keeps away for the rest of the day when told so',
      exchanges: [
        search(FILTERS, { ...refused(429, 'API rate limit exceeded'), headers: { 'retry-after': '81654' } }),
      ],
      outcome: { kind: 'error', error: 'quota_exhausted', retryAfterMs: 81_654_000 },
    },
    {
      claim: 'recognises the quota of the account by its reason',
      exchanges: [search(FILTERS, refused(429, 'Too many requests', 'QUOTA_EXCEEDED'))],
      outcome: { kind: 'error', error: 'quota_exhausted', retryAfterMs: null },
    },
    {
      claim: 'slows down for a 429 of another reason',
      exchanges: [
        search(FILTERS, { ...refused(429, 'Too many requests', 'BURST'), headers: { 'retry-after': '0' } }),
      ],
      outcome: { kind: 'error', error: 'rate_limited', retryAfterMs: 1_000 },
    },
    {
      claim: 'does not repeat a query that is refused',
      exchanges: [search(FILTERS, refused(400, 'Invalid limit'))],
      outcome: { kind: 'error', error: 'bad_request', status: 400 },
    },
    {
      claim: 'reads a plain-text 403 for users who are not registered with the app',
      exchanges: [
        search(FILTERS, {
          status: 403,
          headers: { 'content-type': 'text/plain' },
          body: 'User not registered in the Developer Dashboard',
        }),
      ],
      outcome: { kind: 'error', error: 'forbidden', status: 403 },
    },
    {
      claim: 'reports a list that became an object',
      exchanges: [search(FILTERS, { body: { tracks: { items: { 0: track() } } } })],
      outcome: { kind: 'error', error: 'contract', status: 200 },
    },
  ],
};
export default samples;
