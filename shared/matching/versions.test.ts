import { isLiveAlbum, parseTitle, versionConflicts } from './versions.ts';

const named = (title: string): readonly string[] => [...parseTitle(title).versions.keys()];

test.each([
  ['Song (Live)', ['live']],
  ['Song - Live at the Old Mill', ['live']],
  ['Song (Unplugged)', ['live']],
  ['Song (Polar Remix)', ['remix']],
  ['Song [Acoustic Version]', ['acoustic']],
  ['Song (Karaoke Version) [Originally Performed by Somebody]', ['karaoke']],
  ['Song - Radio Edit', ['edit']],
  ['Song (Extended Mix)', ['extended']],
  ['Song (Early Take)', ['take']],
  ['Song (Spanish Version)', ['language']],
  ["Song (Tessa's Version)", ['rerecorded']],
  ['Song (lvie)', ['live']],
  ['Song (acuostic)', ['acoustic']],
])('%s is another recording', (title, versions) => {
  expect(named(title)).toEqual(versions);
  expect(parseTitle(title).full).toBe('Song');
});

test.each([
  'Song - 2011 Remaster',
  'Song (Remastered 2009)',
  'Song (Album Version)',
  'Song [Explicit]',
  'Song (Deluxe Edition)',
  'Song (feat. Somebody Else)',
  'Song ft. Somebody Else',
  'Song - Original Mix',
  'Song (Official Video)',
  'Song - Mono - 2015 Remaster',
  'Song (1999)',
])('%s is the song itself', (title) => {
  expect(parseTitle(title)).toEqual({ full: 'Song', bare: 'Song', versions: new Map() });
});

test.each([
  'Live and Let Die',
  'Live Forever',
  'Demolition',
  'Love (Love)',
  'Dance (Live Your Life)',
  'Cover Me',
])('%s is only called so', (title) => {
  expect(named(title)).toEqual([]);
});

test('a bracket that says nothing of a version belongs to the name, but may be left out', () => {
  expect(parseTitle('Dance (While It Rains)')).toMatchObject({
    full: 'Dance (While It Rains)',
    bare: 'Dance',
  });
});

test('a title of nothing but a mark stays what it is', () => {
  expect(parseTitle('(Live)').full).toBe('(Live)');
  expect(parseTitle('Remix').full).toBe('Remix');
});

test('two remixes by different people conflict, one without a name conflicts with neither', () => {
  const versions = (title: string) => parseTitle(title).versions;
  expect(versionConflicts(versions('S (Polar Remix)'), versions('S (Halcyon Remix)'))).toEqual(['remix']);
  expect(versionConflicts(versions('S (Polar Remix)'), versions('S (Remix)'))).toEqual([]);
  expect(versionConflicts(versions('S (Live at Mill)'), versions('S'))).toEqual(['live']);
});

test('an album is live by its name', () => {
  expect(isLiveAlbum('Live at the Old Mill')).toBe(true);
  expect(isLiveAlbum('Unplugged in Ghent')).toBe(true);
  expect(isLiveAlbum('Alive')).toBe(false);
  expect(isLiveAlbum('Live Through the Night')).toBe(false);
  expect(isLiveAlbum(undefined)).toBe(false);
});
