import type { ProviderSamples, SampleExchange, SampleReply } from '../samples.ts';

const RELEASE = '4f8d3c1e-96a7-4d5e-8f0a-7b6c5d4e3f21';
const GROUP = '5a9e4d2f-87b8-4e6f-9a1b-8c7d6e5f4a32';
const OTHER = '6b0f5e30-78c9-4f70-8b2c-9d8e7f6a5b43';
const query = { release: RELEASE, releaseGroup: GROUP };

const imageUrl = (name: string, scheme = 'https') =>
  `${scheme}://coverartarchive.org/release/${RELEASE}/${name}`;
const image = (id: number | string, scheme = 'https') => ({
  approved: true,
  back: false,
  comment: '',
  edit: 20_123_456,
  front: true,
  id,
  image: imageUrl(`${id}.png`, scheme),
  thumbnails: {
    '250': imageUrl(`${id}-250.jpg`, scheme),
    '500': imageUrl(`${id}-500.jpg`, scheme),
    '1200': imageUrl(`${id}-1200.jpg`, scheme),
    small: imageUrl(`${id}-250.jpg`, scheme),
    large: imageUrl(`${id}-500.jpg`, scheme),
  },
  types: ['Front'],
});
const front = image(17_000_000_001);
const back = { ...image(17_000_000_002), front: false, back: true, types: ['Back'] };

const index = (images: readonly object[], release = RELEASE): SampleReply => ({
  body: { images, release: `https://musicbrainz.org/release/${release}` },
});
const redirect = (status: number, location: string): SampleReply => ({
  status,
  headers: { location, 'content-type': 'text/html' },
  body: `<!doctype html><title>Redirecting</title><a href="${location}">here</a>`,
});
const NOT_FOUND: SampleReply = {
  status: 404,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<!doctype html><title>404 Not Found</title><h1>Not Found</h1><p>No cover art found for it</p>',
};
const release = (reply: SampleReply): SampleExchange => ({
  request: `GET /coverartarchive/release/${RELEASE}`,
  reply,
});
const group = (reply: SampleReply): SampleExchange => ({
  request: `GET /coverartarchive/release-group/${GROUP}`,
  reply,
});

const samples: ProviderSamples = {
  env: {},
  query,
  hit: {
    claim: 'gives the front cover and its sizes, whatever pictures come before it',
    exchanges: [release(index([back, front]))],
    outcome: {
      kind: 'hit',
      id: RELEASE,
      fields: {
        artwork_url: imageUrl('17000000001-500.jpg'),
        artwork_thumbnails: {
          '250': imageUrl('17000000001-250.jpg'),
          '500': imageUrl('17000000001-500.jpg'),
          '1200': imageUrl('17000000001-1200.jpg'),
        },
      },
    },
  },
  miss: {
    claim: 'asks for the release, then for its group; the 404 of both is a page for people',
    exchanges: [release(NOT_FOUND), group(NOT_FOUND)],
    outcome: { kind: 'miss' },
  },
  oddities: [
    {
      claim: 'follows the chain of redirects to the machine that has the list, as one request',
      exchanges: [
        release(redirect(307, `/archive.example/download/mbid-${RELEASE}/index.json`)),
        {
          request: `GET /archive.example/download/mbid-${RELEASE}/index.json`,
          reply: redirect(302, `/node.example/items/mbid-${RELEASE}/index.json`),
        },
        { request: `GET /node.example/items/mbid-${RELEASE}/index.json`, reply: index([front]) },
      ],
      counted: 1,
      outcome: { kind: 'hit', id: RELEASE },
    },
    {
      claim: 'takes the cover of another edition where the release has none of its own, and says of which',
      exchanges: [release(NOT_FOUND), group(index([front], OTHER))],
      outcome: { kind: 'hit', id: OTHER },
    },
    {
      claim: 'does not take the back for the front',
      exchanges: [release(index([back])), group(index([]))],
      outcome: { kind: 'miss' },
    },
    {
      claim: 'prefers a cover that is approved to one that is voted on',
      exchanges: [release(index([{ ...image(3), approved: false }, image(4)]))],
      outcome: { kind: 'hit', id: RELEASE, fields: { artwork_url: imageUrl('4-500.jpg') } },
    },
    {
      claim: 'reads entries of old: ids as text, addresses with http, two sizes by name',
      exchanges: [
        release(
          index([
            {
              ...image('829521842', 'http'),
              thumbnails: {
                small: imageUrl('829521842-250.jpg', 'http'),
                large: imageUrl('829521842-500.jpg', 'http'),
              },
            },
          ]),
        ),
      ],
      outcome: {
        kind: 'hit',
        id: RELEASE,
        fields: {
          artwork_url: imageUrl('829521842-500.jpg'),
          artwork_thumbnails: {
            '250': imageUrl('829521842-250.jpg'),
            '500': imageUrl('829521842-500.jpg'),
          },
        },
      },
    },
    {
      claim: 'gives the picture itself where it has no other sizes',
      exchanges: [release(index([{ ...front, thumbnails: {} }]))],
      outcome: { kind: 'hit', id: RELEASE, fields: { artwork_url: imageUrl('17000000001.png') } },
    },
    {
      claim: 'asks for the group alone when no release is known',
      query: { releaseGroup: GROUP },
      exchanges: [group(index([front]))],
      outcome: { kind: 'hit', id: RELEASE },
    },
    {
      claim: 'tries again when the machine behind the redirect is overloaded',
      exchanges: [
        release(redirect(307, '/archive.example/busy')),
        {
          request: 'GET /archive.example/busy',
          reply: { status: 503, headers: { 'content-type': 'text/html' }, body: '<html>Slow down</html>' },
        },
      ],
      counted: 1,
      outcome: { kind: 'error', error: 'unavailable', status: 503 },
    },
    {
      claim: 'never repeats the request for an id that is none',
      exchanges: [
        release({
          status: 400,
          headers: { 'content-type': 'text/html' },
          body: '<!doctype html><title>400 Bad Request</title><p>invalid MBID specified</p>',
        }),
      ],
      outcome: { kind: 'error', error: 'bad_request', status: 400 },
    },
  ],
};

export default samples;
