import { searchResponse, trackResponse } from '../../../shared/providers/deezer/responses.ts';
import { loadTracks } from '../catalogue/tracks.ts';
import type { Reply } from '../protocol.ts';
import { DeezerProtocol } from './protocol.ts';
import { deezerIdOf } from './wire.ts';

const tracks = loadTracks();
const known = tracks.filter(({ knownTo }) => knownTo.has('deezer'));
const deezer = new DeezerProtocol(tracks);

const ask = (path: string, query: Record<string, string> = {}): Reply =>
  deezer.answer({ method: 'GET', path, query: new URLSearchParams(query), headers: {}, body: '' });

function search(q: string, more: Record<string, string> = {}) {
  const { data } = searchResponse.parse(ask('/search/track', { q, ...more }).body);
  return data.map(({ artist, title }) => `${artist.name} – ${title}`);
}

const errorOf = (reply: Reply): unknown => [
  reply.status,
  (reply.body as { error: { code: number } }).error.code,
];

test('plain text finds the recording, its live versions, and noise that shares half of the words', () => {
  const found = search('deadmau5 strobe');
  expect(found[0]).toBe('deadmau5 – Strobe');
  expect(found).toContain('deadmau5 – Strobe - Live');
  expect(found.some((name) => !name.startsWith('deadmau5'))).toBe(true);
});

test('a filter makes the words outside of it count for nothing', () => {
  expect(search('artist:"deadmau5" zzzz')).toEqual(search('artist:"deadmau5"'));
});

test('a search tells seconds, and neither code nor date; the full track tells them', () => {
  const strobe = known.find(({ title, kind }) => title === 'Strobe' && kind === 'original');
  const found = searchResponse.parse(ask('/search/track', { q: 'deadmau5 strobe' }).body).data[0];
  expect(found).toMatchObject({ duration: 637 });
  expect(found).not.toHaveProperty('isrc');
  const full = trackResponse.parse(ask(`/track/${found?.id ?? 0}`).body);
  expect(full).toMatchObject({ id: found?.id, isrc: strobe?.isrc, release_date: '2009-01-01' });
  expect(trackResponse.parse(ask(`/track/isrc:${strobe?.isrc ?? ''}`).body)).toEqual(full);
});

test('the adapter can read every track, and each has an id of its own', () => {
  for (const track of known) {
    expect(trackResponse.safeParse(ask(`/track/${deezerIdOf(track)}`).body).error).toBeUndefined();
  }
  expect(new Set(known.map(deezerIdOf)).size).toBe(known.length);
});

test('guests stand in the title, and as such among the contributors', () => {
  const featured = known.find(({ artists, mainArtists }) => artists.length > mainArtists);
  const full = trackResponse.parse(ask(`/track/${deezerIdOf(featured!)}`).body);
  expect(full?.title).toContain('(feat. ');
  expect(full?.contributors?.map(({ role }) => role)).toContain('Featured');
});

test.each<[string, Reply, number]>([
  ['an unknown id', ask('/track/1'), 800],
  ['an unknown code', ask('/track/isrc:XXXXX0000000'), 800],
  ['no query', ask('/search/track'), 501],
  ['too many at once', ask('/search/track', { q: 'a', limit: '101' }), 100],
  ['another path', ask('/nothing'), 600],
  ['too many requests', deezer.refuse({ kind: 'rate' }), 4],
  ['a service that is busy', deezer.refuse({ kind: 'shed' }), 700],
])('%s is an error with HTTP 200', (_what, reply, code) => {
  expect(errorOf(reply)).toEqual([200, code]);
});
