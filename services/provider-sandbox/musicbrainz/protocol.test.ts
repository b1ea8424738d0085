import { recordingResponse, recordingsResponse } from '../../../shared/providers/musicbrainz/responses.ts';
import { loadTracks } from '../catalogue/tracks.ts';
import type { Reply } from '../protocol.ts';
import { parseLucene } from './lucene.ts';
import { MusicbrainzProtocol } from './protocol.ts';

const tracks = loadTracks();
const musicbrainz = new MusicbrainzProtocol(tracks);

function ask(path: string, query: Record<string, string>, agent = 'tests/1.0 ( tests@example.org )'): Reply {
  return musicbrainz.answer({
    method: 'GET',
    path,
    query: new URLSearchParams({ fmt: 'json', ...query }),
    headers: { 'user-agent': agent },
    body: '',
  });
}

interface Hit {
  id: string;
  title: string;
  score: number;
  disambiguation?: string;
}

function search(query: string): Hit[] {
  const reply = ask('/recording', { query });
  expect(reply.status).toBe(200);
  expect(recordingsResponse.safeParse(reply.body).error).toBeUndefined();
  return (reply.body as { recordings: Hit[] }).recordings;
}

test('live bootlegs come first, and they have the score 100 too', () => {
  const found = search('recording:"creep" AND artist:"radiohead"');
  expect(found[0]).toMatchObject({ title: 'Creep', score: 100 });
  expect(found[0]?.disambiguation).toMatch(/^live, /);
  const original = found.find(
    ({ title, disambiguation }) => title === 'Creep' && disambiguation === undefined,
  );
  expect(original?.score).toBe(100);
});

test('without AND a word of the artist is enough to be found, with a lower score', () => {
  const found = search('recording:(nothing else maters) artist:(metallica)');
  expect(found.map(({ title }) => title)).toContain('Nothing Else Matters');
  expect(found.at(-1)?.score).toBeLessThan(100);
});

test('nothing found is an empty list', () => {
  expect(ask('/recording', { query: 'recording:"zzzz qqqq"' })).toMatchObject({
    status: 200,
    body: { count: 0, offset: 0, recordings: [] },
  });
});

test('a query that breaks the syntax is a bad request, an escaped one is not', () => {
  expect(ask('/recording', { query: 'recording:"AC/DC' }).status).toBe(400);
  expect(ask('/recording', { query: 'artist:AC\\/DC' }).status).toBe(200);
});

test('fields, phrases, groups and ranges are read', () => {
  expect(parseLucene('recording:"Say \\"It\\"" AND artist:(foo bar) dur:[1000 TO 2000]')).toEqual([
    { field: 'recording', words: ['say', 'it'], phrase: true, required: true },
    { field: 'artist', words: ['foo', 'bar'], phrase: false, required: true },
    { field: 'dur', words: [], phrase: false, required: false, range: [1_000, 2_000] },
  ]);
});

test('a recording is one for the original, its samplers and its remasters', () => {
  const sampled = tracks.find(({ kind, knownTo }) => kind === 'compilation' && knownTo.has('musicbrainz'));
  const reply = ask(`/isrc/${sampled?.isrc ?? ''}`, { inc: 'artist-credits+releases' });
  const [recording] = (reply.body as { recordings: { releases: { status: string }[] }[] }).recordings;
  expect(recording?.releases.length).toBeGreaterThan(1);
  expect(ask('/isrc/QZSBX9900000', {}).status).toBe(404);
});

test('a look-up holds what was asked for in inc, and refuses what it does not know', () => {
  const id = search('recording:"strobe" AND artist:"deadmau5"')[0]?.id ?? '';
  const inc = 'artist-credits+releases+release-groups+media+isrcs+genres+tags+ratings+url-rels';
  const reply = ask(`/recording/${id}`, { inc });
  expect(recordingResponse.safeParse(reply.body).error).toBeUndefined();
  expect(reply.body).toMatchObject({ id, title: 'Strobe', genres: [{ name: 'progressive house' }] });
  expect(ask(`/recording/${id}`, { inc: 'lyrics' }).status).toBe(400);
  expect(ask('/recording/nothing', {}).status).toBe(400);
});

test('an anonymous client is refused as one that is too fast', () => {
  expect(ask('/recording', { query: 'x' }, '')).toMatchObject({
    status: 503,
    headers: { 'x-ratelimit-zone': 'ws' },
  });
});

test('the two refusals differ in zone, text and Retry-After', () => {
  const shed = musicbrainz.refuse({ kind: 'shed' });
  expect(shed.headers).toMatchObject({ 'x-ratelimit-zone': 'search-global', 'retry-after': '0' });
  expect(musicbrainz.refuse({ kind: 'rate' }).headers).not.toHaveProperty('retry-after');
});
