import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { creditOf, isSameRecording } from './track.ts';
import { loadTracks } from './tracks.ts';
import { trackTruth } from './truth.ts';

interface Row {
  track_id: string;
  artist: string;
  title: string;
  isrc: string;
}

const tracks = loadTracks();
const originals = tracks.filter(({ kind }) => kind === 'original');
const examples = join(import.meta.dirname, '..', '..', '..', 'examples', 'tracks.csv');
const rows: Row[] = parse(readFileSync(examples), { columns: true });

test('every catalogue row is the truth for a row of the example, and ten to fifteen rows have none', () => {
  const ids = new Set(rows.map((row) => row.track_id));
  expect(ids.size).toBe(rows.length);
  expect(originals.filter(({ rowId }) => !ids.has(rowId))).toEqual([]);
  const invented = rows.length - new Set(originals.map(({ rowId }) => rowId)).size;
  expect(invented).toBeGreaterThanOrEqual(10);
  expect(invented).toBeLessThanOrEqual(15);
});

test('Strobe is in it', () => {
  const strobe = originals.find(({ title }) => title === 'Strobe');
  expect(strobe).toMatchObject({
    album: 'For Lack of a Better Name',
    releaseDate: '2009',
    durationMs: 637_000,
  });
});

test('the ISRCs of the example are those of the catalogue', () => {
  const given = rows.filter(({ isrc }) => isrc !== '');
  expect(given.length).toBeGreaterThan(3);
  for (const row of given) {
    const original = originals.find(({ rowId }) => rowId === row.track_id);
    expect(original?.isrc).toBe(row.isrc.replaceAll('-', ''));
  }
});

test('every service alone knows some recordings, and each has a live version, a cover and a karaoke track', () => {
  for (const provider of ['spotify', 'musicbrainz', 'deezer', 'lastfm'] as const) {
    const alone = originals.filter(({ knownTo }) => knownTo.size === 1 && knownTo.has(provider));
    expect(alone.length).toBeGreaterThan(3);
  }
  for (const original of originals) {
    const kinds = tracks.filter(({ rowId }) => rowId === original.rowId).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['live', 'cover', 'karaoke']));
  }
});

test('only the recording itself shares artist and title with the original', () => {
  const nameOf = (track: (typeof tracks)[number]): string => `${creditOf(track)}|${track.title}`;
  const names = new Set(originals.map(nameOf));
  expect(tracks.filter((track) => !isSameRecording(track) && names.has(nameOf(track)))).toEqual([]);
});

test('a recording has other ids on a sampler, which are as right; one that a service does not know has none', () => {
  const spotify = new Map(trackTruth(tracks, 'spotify').map(({ track_id, ids }) => [track_id, ids]));
  const sampled = tracks.find(({ kind, knownTo }) => kind === 'compilation' && knownTo.has('spotify'));
  const unknown = originals.find(({ knownTo }) => !knownTo.has('spotify'));
  expect(spotify.get(sampled?.rowId ?? '')?.length).toBeGreaterThan(1);
  expect(spotify.get(unknown?.rowId ?? '')).toEqual([]);
});

test('the catalogue is the same at every start', () => {
  expect(loadTracks()).toEqual(tracks);
});
