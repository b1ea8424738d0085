import fc from 'fast-check';
import type { TrackCandidate, TrackQuery } from './candidate.ts';
import { judgeTrack } from './tracks.ts';

const query: TrackQuery = { artist: 'Ada Quill', title: 'Paper Lanterns', durationMs: 200_000 };

const candidate = (id: string, facts: Partial<TrackCandidate> = {}): TrackCandidate => ({
  id,
  title: query.title,
  fields: {},
  artist: query.artist,
  artists: [query.artist],
  isrcs: [],
  durationMs: 200_000,
  ...facts,
});

const verdict = (asked: TrackQuery, ...candidates: TrackCandidate[]): [string, string | undefined] => {
  const { verdict, best } = judgeTrack(asked, candidates);
  return [verdict, best?.candidate.id];
};

test('the same artist, title and length is accepted with distance 0', () => {
  const { verdict, best } = judgeTrack(query, [candidate('a')]);
  expect(verdict).toBe('accepted');
  expect(best).toMatchObject({ distance: 0, score: 1, vetoes: [] });
});

test('no candidates, no match', () => {
  expect(judgeTrack(query, [])).toEqual({ verdict: 'none', scored: [] });
});

test.each<[string, Partial<TrackCandidate>]>([
  ['a live version by its title', { title: 'Paper Lanterns (Live)' }],
  ['a live version by its comment', { disambiguation: 'live, 1999-01-02: Old Mill' }],
  ['a live version by its kind of release', { releaseType: 'live' }],
  ['a live version by its album', { album: 'Live at the Old Mill' }],
  ['a remix', { title: 'Paper Lanterns (Polar Remix)' }],
  ['a karaoke track', { title: 'Paper Lanterns (Karaoke Version)' }],
  ['a karaoke track by its album', { album: 'Karaoke Classics' }],
  ['an instrumental', { title: 'Paper Lanterns - Instrumental' }],
  ['a cover by somebody else', { artist: 'The Harbour Lot', artists: ['The Harbour Lot'] }],
  ['another length', { durationMs: 231_000 }],
  ['another part', { title: 'Paper Lanterns, Pt. 2' }],
  ['another song', { title: 'Glass Lanterns' }],
  ['a song with one word more', { title: 'Paper Lanterns Burning' }],
  ['an edit of another length', { title: 'Paper Lanterns - Radio Edit', durationMs: 180_000 }],
])('%s is never accepted', (_case, facts) => {
  expect(judgeTrack(query, [candidate('a', facts)]).verdict).not.toBe('accepted');
});

test.each<[string, Partial<TrackQuery>, Partial<TrackCandidate>]>([
  ['a remaster', {}, { title: 'Paper Lanterns - 2011 Remaster' }],
  ['an edit of the same length', {}, { title: 'Paper Lanterns - Radio Edit' }],
  ['a candidate without a length', {}, { durationMs: undefined as never }],
  ['a swapped pair of letters in both', { artist: 'Ada Qiull', title: 'Paper Lnaterns' }, {}],
  ['the artist in front of the title', { title: 'Ada Quill - Paper Lanterns' }, {}],
  ['a title of symbols', { title: '÷ (feat. Milo Tarn)' }, { title: '÷' }],
  ['another album', { album: 'Best of Ada Quill' }, { album: 'Lights' }],
  ['another credit', {}, { artist: 'Ada Quill & Milo Tarn', artists: ['Ada Quill', 'Milo Tarn'] }],
  ['the wanted live version', { title: 'Paper Lanterns - Live' }, { disambiguation: 'live, 1999: Mill' }],
  [
    'a track of the live album that was asked for',
    { album: 'Live at the Old Mill' },
    { album: 'Live at the Old Mill', disambiguation: 'live' },
  ],
])('%s is accepted', (_case, asked, facts) => {
  expect(verdict({ ...query, ...asked }, candidate('a', facts))).toEqual(['accepted', 'a']);
});

test('a live album asks for the live version, and the studio version is not it', () => {
  const asked = { ...query, album: 'Unplugged in Ghent' };
  const studio = candidate('studio', { album: 'Lights' });
  const live = candidate('live', { title: 'Paper Lanterns - Live', album: 'Ghent 1999' });
  expect(verdict(asked, studio, live)).toEqual(['accepted', 'live']);
  expect(judgeTrack(asked, [studio]).verdict).toBe('none');
});

test('an ISRC outweighs the length and brings the right one forward', () => {
  const asked = { ...query, isrc: 'QZAAA2000001' };
  const far = candidate('far', { durationMs: 240_000, isrcs: ['QZAAA2000001', 'QZAAA2000009'] });
  expect(verdict(asked, candidate('near'), far)).toEqual(['accepted', 'far']);
});

test('an ISRC does not carry another title: labels use one code for a whole work', () => {
  const asked = { ...query, isrc: 'QZAAA2000001' };
  const other = candidate('a', { title: 'Second Movement', isrcs: ['QZAAA2000001'] });
  expect(judgeTrack(asked, [other]).verdict).toBe('none');
});

test('an ISRC identifies a credit in another script that letters cannot', () => {
  const asked = { artist: 'Kita no Hoshi', title: '灯', isrc: 'QZAAA2000001' };
  const same = candidate('a', { title: '灯', artist: '北星', artists: ['北星'], isrcs: ['QZAAA2000001'] });
  expect(judgeTrack(asked, [same]).verdict).toBe('accepted');
  expect(judgeTrack({ artist: asked.artist, title: asked.title }, [same]).verdict).toBe('none');
});

test('a partner alone is taken for the pair only where the length agrees', () => {
  const pair = candidate('a', { artist: 'Milo Tarn & Ada Quill', artists: ['Milo Tarn', 'Ada Quill'] });
  const { durationMs: _durationMs, ...unmeasured } = query;
  expect(judgeTrack(query, [pair]).verdict).toBe('accepted');
  expect(judgeTrack(unmeasured, [pair]).verdict).toBe('ambiguous');
});

test('two recordings of one name and different lengths are ambiguous without a length', () => {
  const { durationMs: _durationMs, ...asked } = query;
  const judged = judgeTrack(asked, [candidate('a'), candidate('b', { durationMs: 260_000 })]);
  expect(judged.verdict).toBe('ambiguous');
  expect(judged.runnerUp).toBeDefined();
});

test('editions of one recording are no rivals: the official, earliest album is chosen', () => {
  const editions = [
    candidate('compilation', { releaseType: 'compilation', releaseDate: '1990', official: true }),
    candidate('bootleg', { releaseType: 'album', releaseDate: '1980', official: false }),
    candidate('reissue', { releaseType: 'album', releaseDate: '2005-01-01', official: true }),
    candidate('original', { releaseType: 'album', releaseDate: '1991-03-01', official: true }),
  ];
  expect(verdict(query, ...editions)).toEqual(['accepted', 'original']);
});

test('the asked album is chosen before all other editions', () => {
  const asked = { ...query, album: 'Road Songs' };
  const album = candidate('album', { releaseType: 'album', releaseDate: '1990', album: 'Lights' });
  const sampler = candidate('sampler', {
    releaseType: 'compilation',
    releaseDate: '2001',
    album: 'Road Songs',
  });
  expect(verdict(asked, album, sampler)).toEqual(['accepted', 'sampler']);
});

test('explicit and clean are one recording', () => {
  const judged = judgeTrack(query, [
    candidate('explicit', { disambiguation: 'explicit' }),
    candidate('clean', { disambiguation: 'clean' }),
  ]);
  expect(judged.verdict).toBe('accepted');
});

test('the order of candidates decides nothing', () => {
  const pool = [
    candidate('a'),
    candidate('b', { title: 'Paper Lanterns - 2011 Remaster', releaseDate: '2011' }),
    candidate('c', { title: 'Paper Lanterns (Live)' }),
    candidate('d', { durationMs: 213_000 }),
    candidate('e', { artist: 'Ada Quil', artists: ['Ada Quil'] }),
    candidate('f', { releaseType: 'album', releaseDate: '1999' }),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(pool, { minLength: 1 }), (some) => {
      const sorted = some.toSorted((a, b) => (a.id < b.id ? -1 : 1));
      expect(verdict(query, ...some)).toEqual(verdict(query, ...sorted));
    }),
  );
});

test('any text is judged without an error, with a distance from 0 to 1', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 });
  fc.assert(
    fc.property(text, text, text, text, (artist, title, otherArtist, otherTitle) => {
      const given = candidate('a', { artist: otherArtist, artists: [otherArtist], title: otherTitle });
      const { best } = judgeTrack({ artist, title }, [given]);
      if (best) expect(best.distance >= 0 && best.distance <= 1).toBe(true);
    }),
  );
});

test('a name counts with its first thousand letters: no answer can make a judgement long', () => {
  const long = 'lantern '.repeat(12_500);
  const given = candidate('a', { artist: `${long} x`, artists: [`${long} y`], title: `${long} z` });
  expect(judgeTrack({ artist: long, title: long }, [given]).best?.distance).toBe(0);
});
