import type { TrackQuery } from '../../matching/candidate.ts';
import type { ProviderSamples, SampleExchange, SampleReply } from '../samples.ts';

const API_KEY = '5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b';
const query: TrackQuery = { artist: 'Mira Solen', title: 'Glass Harbour' };
const names = { artist: 'Mira Solen', track: 'Glass Harbour' };

const get = (parameters: Record<string, string>, reply: SampleReply): SampleExchange => ({
  request: `GET /lastfm/2.0/?${new URLSearchParams({ ...parameters, format: 'json', api_key: API_KEY }).toString()}`,
  requires: { accept: 'application/json' },
  reply,
});
const info = (reply: SampleReply, pair = names) =>
  get({ method: 'track.getInfo', ...pair, autocorrect: '1' }, reply);
const search = (reply: SampleReply, pair = names) => get({ method: 'track.search', ...pair }, reply);
const topTags = (reply: SampleReply, pair = names) =>
  get({ method: 'track.getTopTags', ...pair, autocorrect: '1' }, reply);

const track = (changes: Record<string, unknown> = {}) => ({
  track: {
    name: 'Glass Harbour',
    mbid: '3b1f5a52-0c5d-4d7e-9a57-1f2e3d4c5b6a',
    url: 'https://music.example/Mira+Solen/_/Glass+Harbour',
    duration: '214000',
    streamable: { '#text': '0', fulltrack: '0' },
    listeners: '48211',
    playcount: '302118',
    artist: { name: 'Mira Solen', mbid: '', url: 'https://music.example/Mira+Solen' },
    album: {
      artist: 'Mira Solen',
      title: 'Live at Kaap',
      url: 'https://music.example/Mira+Solen/Live+at+Kaap',
      image: [
        { '#text': 'https://images.example/34.png', size: 'small' },
        { '#text': 'https://images.example/300.png', size: 'extralarge' },
      ],
      '@attr': { position: '3' },
    },
    toptags: { tag: [{ name: 'Dream Pop', url: 'https://music.example/tag/Dream+Pop' }] },
    wiki: {
      published: '01 Jan 2020, 10:00',
      summary:
        'The &quot;harbour&quot; song of <b>Low Tide</b>. <a href="https://music.example/x">Read more on Last.fm</a>.',
    },
    ...changes,
  },
});

/** What the service shows where it has no picture. */
const star = {
  '#text': 'https://images.example/300x300/2a96cbd8b46e442fc41c2b86b821562f.png',
  size: 'extralarge',
};

const tags = (...tag: { name: string; count: number }[]) => ({
  body: { toptags: { tag, '@attr': { artist: 'Mira Solen', track: 'Glass Harbour' } } },
});
const noTags = topTags(tags());

const spelling = (name: string, listeners: string, artist = 'Mira Solen') => ({
  name,
  artist,
  url: 'https://music.example/Mira+Solen/_/Glass+Harbour',
  // The service's own word: its searches really answer this.
  streamable: 'FIXME',
  listeners,
  image: [],
  mbid: '',
});
const matches = (trackmatches: unknown): SampleReply => ({
  body: { results: { 'opensearch:totalResults': '1', trackmatches, '@attr': {} } },
});

const refused = (error: number, message: string, status = 200): SampleReply => ({
  status,
  body: { error, message, links: [] },
});
const notFound = refused(6, 'Track not found');
const noMatches = matches({ track: [] });
const hit = { kind: 'hit', id: 'https://music.example/Mira+Solen/_/Glass+Harbour' } as const;

const refusals = [
  [2, 200, 'bad_request'],
  [3, 400, 'bad_request'],
  [4, 403, 'auth'],
  [7, 200, 'bad_request'],
  [8, 500, 'unavailable'],
  [9, 403, 'auth'],
  [10, 403, 'auth'],
  [11, 200, 'unavailable'],
  [13, 403, 'auth'],
  [16, 200, 'unavailable'],
  [17, 403, 'forbidden'],
  [26, 403, 'auth'],
  [29, 429, 'rate_limited'],
  [29, 200, 'rate_limited'],
  [99, 200, 'contract'],
  [99, 400, 'bad_request'],
] as const;

const samples: ProviderSamples = {
  env: { LASTFM_API_KEY: API_KEY },
  query,
  hit: {
    claim: 'maps everything that a track tells',
    exchanges: [
      info({ body: track() }),
      topTags(
        tags(
          { name: 'Dream Pop', count: 100 },
          { name: 'mira solen', count: 80 },
          { name: 'seen live', count: 70 },
          { name: 'indie', count: 41 },
          { name: 'dream pop', count: 30 },
          { name: '10 of 10 stars', count: 20 },
          { name: 'rare', count: 9 },
        ),
      ),
    ],
    outcome: {
      ...hit,
      fields: {
        title: 'Glass Harbour',
        artist: 'Mira Solen',
        artists: [{ name: 'Mira Solen', role: 'main' }],
        duration_ms: 214_000,
        tags: ['dream pop', 'indie'],
        artwork_url: 'https://images.example/300.png',
        lastfm_url: 'https://music.example/Mira+Solen/_/Glass+Harbour',
        lastfm_listeners: 48_211,
        lastfm_playcount: 302_118,
        lastfm_mbid: '3b1f5a52-0c5d-4d7e-9a57-1f2e3d4c5b6a',
        summary: 'The "harbour" song of Low Tide.',
      },
    },
  },
  miss: {
    claim:
      'asks without guests and remaster suffixes, then without any bracket, then searches, before it gives up',
    query: { artist: 'Mira Solen feat. Ivo Kaan', title: 'Glass Harbour (For Ivo) - 2011 Remaster' },
    exchanges: [
      info(notFound, { artist: 'Mira Solen', track: 'Glass Harbour (For Ivo)' }),
      info(notFound),
      search(noMatches),
    ],
    outcome: { kind: 'miss' },
  },
  ambiguous: {
    claim: 'does not choose a track whose length is far from the one asked for',
    query: { ...query, durationMs: 190_000 },
    exchanges: [info({ body: track() }), search(noMatches)],
    outcome: { kind: 'ambiguous' },
  },
  oddities: [
    {
      claim: 'takes a pair that hardly anybody played for none',
      exchanges: [
        info({
          body: track({
            duration: '0',
            listeners: '2',
            playcount: '4',
            mbid: undefined,
            album: undefined,
            wiki: undefined,
            toptags: { tag: [] },
          }),
        }),
        search(noMatches),
      ],
      outcome: { kind: 'miss' },
    },
    {
      claim: 'lets the operator say how many listeners make a track',
      env: { LASTFM_MIN_LISTENERS: '50000' },
      exchanges: [info({ body: track() }), search(matches({ track: spelling('Glass Harbour', '48211') }))],
      outcome: { kind: 'miss' },
    },
    {
      claim: 'does not believe an answer about another track',
      exchanges: [info({ body: track({ name: 'Silver Engine' }) }), search(noMatches)],
      outcome: { kind: 'miss' },
    },
    {
      claim: 'does not believe an answer about another artist',
      exchanges: [info({ body: track({ artist: { name: 'Ivo Kaan' } }) }), search(noMatches)],
      outcome: { kind: 'miss' },
    },
    {
      claim: 'does not believe in the artist that players call unknown',
      query: { artist: '[unknown]', title: 'Glass Harbour' },
      exchanges: [
        info(
          { body: track({ artist: { name: '[unknown]' } }) },
          { artist: '[unknown]', track: 'Glass Harbour' },
        ),
        search(noMatches, { artist: '[unknown]', track: 'Glass Harbour' }),
      ],
      outcome: { kind: 'miss' },
    },
    {
      claim: 'takes the spelling with most listeners and asks for its details',
      query: { artist: 'Mira Solen', title: 'Harbours Bell' },
      exchanges: [
        info(notFound, { artist: 'Mira Solen', track: 'Harbours Bell' }),
        search(
          matches({
            track: [
              spelling('Harbours Bell', '1998'),
              spelling("Harbour's Bell", '79675'),
              spelling("Harbour's Bell", '99999', 'Ivo Kaan'),
              spelling("Harbour's Bells", '88888'),
            ],
          }),
          { artist: 'Mira Solen', track: 'Harbours Bell' },
        ),
        info({ body: track({ name: "Harbour's Bell" }) }, { artist: 'Mira Solen', track: "Harbour's Bell" }),
        topTags(tags(), { artist: 'Mira Solen', track: "Harbour's Bell" }),
      ],
      outcome: {
        kind: 'hit',
        id: 'https://music.example/Mira+Solen/_/Glass+Harbour',
        fields: { lastfm_playcount: 302_118, duration_ms: 214_000 },
      },
    },
    {
      claim:
        'reads a single match that is no list, and keeps what the search told when details are about another track',
      exchanges: [
        info(notFound),
        search(matches({ track: spelling('Glass Harbour', '796') })),
        info({ body: track({ name: 'Silver Engine' }) }),
        noTags,
      ],
      outcome: { ...hit, fields: { lastfm_listeners: 796 } },
    },
    {
      claim: 'searches without the article, which spellings of a name differ in',
      query: { artist: 'The Solens', title: 'Glass Harbour, The' },
      exchanges: [
        info(notFound, { artist: 'The Solens', track: 'Glass Harbour, The' }),
        search(matches({ track: [spelling('The Glass Harbour', '9000', 'Solens')] }), {
          artist: 'Solens',
          track: 'Glass Harbour',
        }),
        info(notFound, { artist: 'Solens', track: 'The Glass Harbour' }),
        topTags(notFound, { artist: 'Solens', track: 'The Glass Harbour' }),
      ],
      outcome: { ...hit, fields: { artist: 'Solens', title: 'The Glass Harbour' } },
    },
    {
      claim: 'reads an empty text instead of matches',
      exchanges: [info(notFound), search(matches('\n'))],
      outcome: { kind: 'miss' },
    },
    {
      claim: 'reads a single tag that is no list',
      env: { LASTFM_MIN_TAG_COUNT: '0' },
      exchanges: [info({ body: track({ toptags: { tag: { name: 'Shoegaze', url: '' } } }) })],
      outcome: { ...hit, fields: { tags: ['shoegaze'] } },
    },
    ...['', [], {}].map((toptags) => ({
      claim: `reads ${JSON.stringify(toptags)} for no tags`,
      env: { LASTFM_MIN_TAG_COUNT: '0' },
      exchanges: [info({ body: track({ toptags }) })],
      outcome: hit,
    })),
    {
      claim: 'keeps the match when the question for tags is refused',
      exchanges: [info({ body: track() }), topTags(refused(3, 'Invalid Method', 400))],
      outcome: { ...hit, fields: { tags: ['dream pop'] } },
    },
    {
      claim: 'waits when the question for tags meets a rate limit',
      exchanges: [info({ body: track() }), topTags(refused(29, 'Rate Limit Exceeded', 429))],
      outcome: { kind: 'error', error: 'rate_limited', retryAfterMs: null },
    },
    {
      claim: 'reads absent, empty and unknown values for not told',
      exchanges: [
        info({
          body: track({ mbid: '', duration: '0', album: '', wiki: '', playcount: '', url: undefined }),
        }),
        noTags,
      ],
      outcome: { kind: 'hit', id: 'Mira Solen/_/Glass Harbour', fields: { lastfm_listeners: 48_211 } },
    },
    {
      claim: 'tells the album only where it is the one that was asked for',
      query: { ...query, album: 'LOW TIDE' },
      exchanges: [
        info({ body: track({ album: { artist: 'Mira Solen', title: 'Low Tide', image: [star] } }) }),
        noTags,
      ],
      outcome: { ...hit, fields: { album: 'Low Tide' } },
    },
    {
      claim: 'tells a parameter that is missing from a track that is',
      exchanges: [info(refused(6, 'Invalid parameters - Your request is missing a required parameter', 400))],
      outcome: { kind: 'error', error: 'bad_request', status: 400 },
    },
    ...refusals.map(([code, status, error]) => ({
      claim: `reads error ${code} with HTTP ${status}`,
      exchanges: [info(refused(code, 'Something is wrong', status))],
      outcome: { kind: 'error', error, status } as const,
    })),
    {
      claim: 'reports a track without a name',
      exchanges: [info({ body: track({ name: undefined }) })],
      outcome: { kind: 'error', error: 'contract', status: 200 },
    },
  ],
};
export default samples;
