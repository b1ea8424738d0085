import { searchResponse, tokenResponse } from '../../../shared/providers/spotify/responses.ts';
import { loadTracks } from '../catalogue/tracks.ts';
import type { Reply } from '../protocol.ts';
import { SpotifyProtocol } from './protocol.ts';

const spotify = new SpotifyProtocol(loadTracks());
const token = spotify.tokens.issue(3_600);

function ask(path: string, query: Record<string, string>, authorization = `Bearer ${token}`): Reply {
  return spotify.answer({
    method: 'GET',
    path,
    query: new URLSearchParams(query),
    headers: authorization === '' ? {} : { authorization },
    body: '',
  });
}

function search(q: string, more: Record<string, string> = {}) {
  const reply = ask('/search', { q, type: 'track', limit: '10', ...more });
  expect(reply.status).toBe(200);
  const { items } = searchResponse.parse(reply.body).tracks;
  return items.flatMap((item) => (item === null ? [] : `${item.artists[0]?.name ?? ''} – ${item.name}`));
}

test('a filtered search finds the recording and its live versions, and the adapter can read them', () => {
  const found = search('track:"Strobe" artist:"Deadmau5"');
  expect(found[0]).toBe('deadmau5 – Strobe');
  expect(found).toContain('deadmau5 – Strobe - Live');
});

test('free text forgives a typing error and finds other artists as well', () => {
  expect(search('metallica nothing else maters')).toContain('Metallica – Nothing Else Matters');
  const artists = new Set(search('Hallelujah').map((name) => name.split(' – ')[0]));
  expect(artists).toContain('Leonard Cohen');
  expect(artists).toContain('Jeff Buckley');
});

test.each(['track:"Don\'t Fear"', 'track:"Don’t Fear"', 'artist:"Florence + The Machine"', 'artist:"-M-"'])(
  '%s trips the parser of the filters and finds nothing',
  (q) => {
    expect(search(q)).toEqual([]);
  },
);

test('the address in the answer has lost the quotes of the query', () => {
  const reply = ask('/search', { q: 'track:"Strobe"', type: 'track' });
  expect(reply.body).toMatchObject({
    tracks: { href: expect.stringContaining('query=track%3AStrobe&offset=0&limit=5&type=track') as string },
  });
});

test('an ISRC finds the recording on every album', () => {
  const original = loadTracks().find(({ kind, knownTo }) => kind === 'compilation' && knownTo.has('spotify'));
  expect(search(`isrc:${original?.isrc ?? ''}`)).toHaveLength(2);
});

test('wrong parameters are refused in words of the service', () => {
  expect(ask('/search', { q: 'x', type: 'track', limit: '11' })).toMatchObject({
    status: 400,
    body: { error: { status: 400, message: 'Invalid limit' } },
  });
  expect(ask('/search', { q: ' ', type: 'track' })).toMatchObject({
    body: { error: { message: 'No search query' } },
  });
});

test('a look-up gives the track of a search, and knows no other id', () => {
  const body = ask('/search', { q: 'track:"Strobe" artist:"deadmau5"', type: 'track' }).body;
  const id = searchResponse.parse(body).tracks.items[0]?.id ?? '';
  expect(ask(`/tracks/${id}`, {})).toMatchObject({ status: 200, body: { id, name: 'Strobe' } });
  expect(ask(`/tracks/${'0'.repeat(22)}`, {}).status).toBe(404);
  expect(ask('/tracks/short', {}).status).toBe(400);
});

test('a missing, an unknown and an expired token are told apart', () => {
  const messageOf = (authorization: string): unknown =>
    ask('/search', { q: 'x', type: 'track' }, authorization).body;
  const expired = spotify.tokens.issue(0);
  expect(messageOf('')).toMatchObject({ error: { status: 401, message: 'No token provided' } });
  expect(messageOf('Bearer nobody')).toMatchObject({
    error: { status: 401, message: 'Invalid access token' },
  });
  expect(messageOf(`Bearer ${expired}`)).toMatchObject({ error: { message: 'The access token expired' } });
});

test('a token is given to who identifies itself and names the flow', () => {
  const askToken = (authorization: string, body: string): Reply =>
    spotify.token({
      method: 'POST',
      path: '',
      query: new URLSearchParams(),
      headers: { authorization },
      body,
    });
  const given = tokenResponse.parse(askToken('Basic aWQ6c2VjcmV0', 'grant_type=client_credentials').body);
  expect(spotify.tokens.stateOf(given.access_token)).toBe('valid');
  expect(askToken('', 'grant_type=client_credentials')).toMatchObject({
    status: 400,
    body: { error: 'invalid_client' },
  });
  expect(askToken('Basic aWQ6c2VjcmV0', 'grant_type=password').status).toBe(400);
});
