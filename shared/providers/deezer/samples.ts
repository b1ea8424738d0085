import type { ProviderSamples, SampleExchange, SampleReply } from '../samples.ts';

const query = { artist: 'Mira Solberg', title: 'Harbour Lights', album: 'North Pier', durationMs: 241_000 };
const ISRC = 'NOABC0400123';
const COVERS = 'https://cdn-images.example/images/cover/5d41402abc4b2a76b9719d911017c592';

/** What a search tells. */
const found = {
  id: 81_234_567,
  readable: true,
  title: 'Harbour Lights',
  title_short: 'Harbour Lights',
  title_version: '',
  link: 'https://www.deezer.com/track/81234567',
  duration: 241,
  rank: 412_345,
  explicit_lyrics: false,
  preview: 'https://cdnt-preview.example/stream/81234567.mp3',
  artist: { id: 90_210, name: 'Mira Solberg', type: 'artist' },
  album: {
    id: 7_654_321,
    title: 'North Pier',
    cover: 'https://api.deezer.com/album/7654321/image',
    cover_small: `${COVERS}/56x56-000000-80-0-0.jpg`,
    cover_big: `${COVERS}/500x500-000000-80-0-0.jpg`,
    cover_xl: `${COVERS}/1000x1000-000000-80-0-0.jpg`,
    type: 'album',
  },
  type: 'track',
};
/** What a look-up tells. */
const full = {
  ...found,
  isrc: ISRC,
  release_date: '2004-05-17',
  track_position: 3,
  disk_number: 1,
  bpm: 118.2,
  gain: -8.4,
  available_countries: ['NO', 'SE'],
  contributors: [{ id: 90_210, name: 'Mira Solberg', role: 'Main' }],
};
const noise = { ...found, id: 5, title: 'Lights', artist: { id: 6, name: 'Harbour Choir' }, rank: 900_000 };

const page = (...data: object[]): SampleReply => ({ body: { data, total: data.length } });
const refused = (code: number, message: string, type = 'Exception'): SampleReply => ({
  body: { error: { type, message, code } },
});
const NO_DATA = refused(800, 'no data', 'DataException');

const search = (text: string, reply: SampleReply): SampleExchange => ({
  request: `GET /deezer/search/track?${new URLSearchParams({ q: text, limit: '10' }).toString()}`,
  reply,
});
const track = (name: number | string, reply: SampleReply): SampleExchange => ({
  request: `GET /deezer/track/${name}`,
  reply,
});
const TEXT = 'mira solberg harbour lights';

/** The answer to the first request, where that ends the look-up. */
const ends = (reply: SampleReply): SampleExchange[] => [search(TEXT, reply)];

const samples: ProviderSamples = {
  env: {},
  query,
  hit: {
    claim: 'passes over the noise of a search, and looks up what only the full track tells',
    exchanges: [search(TEXT, page(noise, found)), track(81_234_567, { body: full })],
    outcome: {
      kind: 'hit',
      id: '81234567',
      fields: {
        title: 'Harbour Lights',
        artist: 'Mira Solberg',
        artists: [{ name: 'Mira Solberg', id: '90210', role: 'main' }],
        album: 'North Pier',
        release_date: '2004-05-17',
        duration_ms: 241_000,
        isrcs: [ISRC],
        explicit: false,
        track_number: 3,
        disc_number: 1,
        bpm: 118.2,
        artwork_url: `${COVERS}/1000x1000-000000-80-0-0.jpg`,
        deezer_id: 81_234_567,
        deezer_url: 'https://www.deezer.com/track/81234567',
        deezer_rank: 412_345,
      },
    },
  },
  miss: {
    claim: 'asks once where artist and title have nothing to leave out',
    exchanges: [search(TEXT, page())],
    outcome: { kind: 'miss' },
  },
  ambiguous: {
    claim: 'does not choose between two recordings of one name that differ by a minute',
    query: { artist: 'Mira Solberg', title: 'Harbour Lights' },
    exchanges: [search(TEXT, page(found, { ...found, id: 81_234_568, duration: 322 }))],
    outcome: { kind: 'ambiguous' },
  },
  oddities: [
    {
      claim: 'needs one request for a code that it knows',
      query: { ...query, isrc: 'NO-ABC-04-00123' },
      exchanges: [track(`isrc:${ISRC}`, { body: full })],
      outcome: { kind: 'hit', id: '81234567', fields: { isrcs: [ISRC] } },
    },
    {
      claim: 'searches when it has no track with the code, which it says with HTTP 200',
      query: { ...query, isrc: ISRC },
      exchanges: [
        track(`isrc:${ISRC}`, NO_DATA),
        search(TEXT, page(found)),
        track(81_234_567, { body: full }),
      ],
      outcome: { kind: 'hit', id: '81234567' },
    },
    {
      claim: 'does not take the track of a code that names another song',
      query: { ...query, isrc: ISRC },
      exchanges: [
        track(`isrc:${ISRC}`, { body: { ...full, title: 'Something Else Entirely' } }),
        search(TEXT, page()),
      ],
      outcome: { kind: 'miss' },
    },
    {
      claim: 'keeps what the search told of a track that is gone when it is looked up',
      exchanges: [search(TEXT, page(found)), track(81_234_567, NO_DATA)],
      outcome: { kind: 'hit', id: '81234567', fields: { album: 'North Pier', duration_ms: 241_000 } },
    },
    {
      claim: 'tells main artists from guests, and counts nobody twice',
      query: { ...query, artist: 'Mira Solberg & Tom Vale feat. Kid Arrow' },
      exchanges: [
        search(
          'mira solberg & tom vale harbour lights',
          page({ ...found, title: 'Harbour Lights (feat. Kid Arrow)' }),
        ),
        track(81_234_567, {
          body: {
            ...full,
            title: 'Harbour Lights (feat. Kid Arrow)',
            contributors: [
              { id: 90_210, name: 'Mira Solberg', role: 'Main' },
              { id: 90_211, name: 'Tom Vale', role: 'Main' },
              { id: 90_212, name: 'Kid Arrow', role: 'Featured' },
              { id: 90_210, name: 'Mira Solberg', role: 'Featured' },
            ],
          },
        }),
      ],
      outcome: {
        kind: 'hit',
        id: '81234567',
        fields: {
          artist: 'Mira Solberg, Tom Vale',
          artists: [
            { name: 'Mira Solberg', id: '90210', role: 'main' },
            { name: 'Tom Vale', id: '90211', role: 'main' },
            { name: 'Kid Arrow', id: '90212', role: 'featured' },
          ],
        },
      },
    },
    {
      claim: 'stores no zero, no empty date, no picture that is not there and no address without encryption',
      exchanges: [
        search(TEXT, page(found)),
        track(81_234_567, {
          body: {
            ...full,
            bpm: 0,
            isrc: '',
            release_date: '0000-00-00',
            link: 'http://www.deezer.com/track/81234567',
            album: {
              ...found.album,
              cover_xl: 'https://cdn-images.example/images/cover//1000x1000-000000-80-0-0.jpg',
            },
          },
        }),
      ],
      outcome: {
        kind: 'hit',
        id: '81234567',
        fields: { deezer_url: 'https://www.deezer.com/track/81234567' },
        absent: ['bpm', 'isrcs', 'release_date', 'artwork_url'],
      },
    },
    {
      claim: 'asks in plain words: no quote, no colon, no guest; then without what stands in brackets',
      query: { artist: 'AC/DC feat. Nobody', title: '“Live”: Wire (Live at Somewhere) - 2011 Remaster' },
      exchanges: [
        search('ac/dc live wire (live at somewhere) - 2011 remaster', page()),
        search('ac/dc live wire', page()),
      ],
      outcome: { kind: 'miss' },
    },
    {
      claim: 'stays away for a window when it asked too fast, which it is told with HTTP 200',
      exchanges: ends(refused(4, 'Quota limit exceeded')),
      outcome: { kind: 'error', error: 'rate_limited', status: 200, retryAfterMs: 5_000 },
    },
    {
      claim: 'tries again when the service says that it is busy',
      exchanges: ends(refused(700, 'Service busy')),
      outcome: { kind: 'error', error: 'unavailable', status: 200 },
    },
    {
      claim: 'never repeats a query that was refused',
      exchanges: ends(refused(600, 'invalid query', 'InvalidQueryException')),
      outcome: { kind: 'error', error: 'bad_request' },
    },
    {
      claim: 'is told with HTTP 200 that it has no permission',
      exchanges: ends(refused(200, 'Permission denied', 'OAuthException')),
      outcome: { kind: 'error', error: 'forbidden' },
    },
    {
      claim: 'does not take an error that nobody listed for a miss',
      exchanges: ends(refused(4_711, 'something new')),
      outcome: { kind: 'error', error: 'contract' },
    },
  ],
};

export default samples;
