import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { tracksFile } from './files.ts';
import { isrcOf, MUSIC_SERVICES } from './track.ts';
import type { MusicService, Track } from './track.ts';
import { variantsOf } from './track-variants.ts';

type Column =
  'track_id' | 'artist' | 'title' | 'album' | 'year' | 'duration_ms' | 'genre' | 'popularity' | 'known_to';

/** Two main artists are parted by `;`, featured ones come after ` feat. `. */
function artistsOf(credit: string): Pick<Track, 'artists' | 'mainArtists'> {
  const [main = '', featured] = credit.split(' feat. ');
  const mains = main.split(';');
  return { artists: [...mains, ...(featured?.split(';') ?? [])], mainArtists: mains.length };
}

/** No value means: all music services know it. */
function knownTo(value: string): ReadonlySet<MusicService> {
  if (value === '') return MUSIC_SERVICES;
  const names = value.split(';');
  return new Set([...MUSIC_SERVICES].filter((provider) => names.includes(provider)));
}

function trackOf(row: Readonly<Record<Column, string>>): Track {
  const key = `${row.artist}|${row.title}`;
  return {
    key,
    kind: 'original',
    rowId: row.track_id,
    ...artistsOf(row.artist),
    title: row.title,
    baseTitle: row.title,
    disambiguation: '',
    album: row.album,
    albumType: 'album',
    releaseDate: row.year,
    durationMs: Number(row.duration_ms),
    isrc: isrcOf(key, row.year),
    genre: row.genre,
    popularity: Number(row.popularity),
    knownTo: knownTo(row.known_to),
  };
}

/** Every recording that some service knows: the ones that the rows mean, and those that are found beside them. */
export function loadTracks(file: string = tracksFile()): readonly Track[] {
  const rows: Record<Column, string>[] = parse(readFileSync(file), { columns: true, skip_empty_lines: true });
  const originals = rows.map(trackOf);
  return originals.flatMap((track) => [track, ...variantsOf(track)]);
}
