import { infoResponse, searchResponse } from '../../../shared/providers/lastfm/responses.ts';
import { loadTracks } from '../catalogue/tracks.ts';
import { LastfmProtocol } from './protocol.ts';

const tracks = loadTracks();
const lastfm = new LastfmProtocol(tracks);

function ask(method: string, query: Record<string, string>): { status: number; body: unknown } {
  return lastfm.answer({
    method: 'GET',
    path: '',
    query: new URLSearchParams({ method, api_key: 'key', format: 'json', ...query }),
    headers: {},
    body: '',
  });
}

const infoOf = (artist: string, track: string, autocorrect = '0') =>
  ask('track.getInfo', { artist, track, autocorrect }).body as {
    error?: number;
    track?: { name: string; listeners: string; artist: { name: string }; toptags: unknown; album?: unknown };
  };

test('figures are text, and the adapter can read every track of the catalogue', () => {
  for (const { artists, title, kind } of tracks) {
    if (kind !== 'original') continue;
    const body = infoOf(artists[0] ?? '', title);
    if (body.error === undefined) expect(infoResponse.safeParse(body).error).toBeUndefined();
  }
  expect(infoOf('deadmau5', 'Strobe').track?.listeners).toMatch(/^\d{5,}$/);
});

test('an invented pair has a handful of listeners more often than it is not found', () => {
  const answers = Array.from({ length: 100 }, (_, at) => infoOf('Nobody', `Invented ${at}`));
  const ghosts = answers.filter(({ error }) => error === undefined);
  expect(ghosts.length).toBeGreaterThan(50);
  expect(ghosts.length).toBeLessThan(90);
  for (const { track } of ghosts) {
    expect(Number(track?.listeners)).toBeLessThan(50);
    expect(track).not.toHaveProperty('album');
  }
});

test('an error of the query comes with status 200, one of the parameters does not', () => {
  const missing = Array.from({ length: 50 }, (_, at) =>
    ask('track.getInfo', { artist: 'Nobody', track: `X ${at}` }),
  ).find(({ body }) => 'error' in (body as object));
  expect(missing).toMatchObject({ status: 200, body: { error: 6, message: 'Track not found' } });
  expect(ask('track.getInfo', { artist: 'Nobody' })).toMatchObject({ status: 400, body: { error: 6 } });
  expect(ask('track.getNothing', {})).toMatchObject({ status: 400, body: { error: 3 } });
});

test('a typing error is corrected silently, if the client asks for it', () => {
  const { track } = infoOf('Metallica', 'Nothing Else Maters', '1');
  expect(track?.name).toBe('Nothing Else Matters');
  expect(infoOf('Metallica', 'Nothing Else Maters').track?.name).not.toBe('Nothing Else Matters');
});

test('tags come as a list, as one object and as an empty text', () => {
  const forms = new Set<string>();
  for (const { artists, title } of tracks) {
    const tags = infoOf(artists[0] ?? '', title).track?.toptags as { tag?: unknown } | '' | undefined;
    if (tags === undefined) continue;
    forms.add(tags === '' ? 'text' : Array.isArray(tags.tag) ? 'list' : 'object');
  }
  expect([...forms].sort()).toEqual(['list', 'object', 'text']);
});

test('a search ranks by listeners, and a miss is an empty list', () => {
  const body = ask('track.search', { track: 'hallelujah' }).body;
  const found = (body as { results: { trackmatches: { track: { listeners: string }[] } } }).results
    .trackmatches.track;
  const listeners = found.map((track) => Number(track.listeners));
  expect(listeners.length).toBeGreaterThan(2);
  expect(listeners).toEqual([...listeners].sort((a, b) => b - a));
  expect(searchResponse.safeParse(body).error).toBeUndefined();
  expect(ask('track.search', { track: 'zzzz' }).body).toMatchObject({
    results: { 'opensearch:totalResults': '0', trackmatches: { track: [] } },
  });
});

test('a correction tells what was changed, and nothing when there is nothing to correct', () => {
  expect(ask('track.getCorrection', { artist: 'Metallica', track: 'Enter Sandmann' }).body).toMatchObject({
    corrections: {
      correction: {
        track: { name: 'Enter Sandman' },
        '@attr': { artistcorrected: '0', trackcorrected: '1' },
      },
    },
  });
  expect(ask('track.getCorrection', { artist: 'Nobody', track: 'Nothing' }).body).toEqual({
    corrections: '\n   ',
  });
});
