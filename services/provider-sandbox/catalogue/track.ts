import type { ProviderName } from '../provider-names.ts';
import { between, digest } from '../random.ts';

/**
 * What a recording is in relation to the one that a row means. The first three are the recording itself, or differ from it
 * in sound alone; all others are wrong answers.
 */
export type TrackKind =
  'original' | 'compilation' | 'remaster' | 'live' | 'cover' | 'karaoke' | 'remix' | 'namesake';

const SAME_RECORDING: ReadonlySet<TrackKind> = new Set(['original', 'compilation', 'remaster']);
export const isSameRecording = (track: Track): boolean => SAME_RECORDING.has(track.kind);

const NAMES = ['spotify', 'musicbrainz', 'deezer', 'lastfm'] as const satisfies readonly ProviderName[];
/** A service that finds recordings by their names. */
export type MusicService = (typeof NAMES)[number];
export const MUSIC_SERVICES: ReadonlySet<MusicService> = new Set(NAMES);

export interface Track {
  /** Names the track within the catalogue; all ids of all services are made from it. */
  readonly key: string;
  readonly kind: TrackKind;
  /** The row of examples/tracks.csv that it belongs to. */
  readonly rowId: string;
  /** Main artists first, then the featured ones. */
  readonly artists: readonly string[];
  /** How many of the artists are main artists. */
  readonly mainArtists: number;
  readonly title: string;
  /** Without what tells live versions and remasters apart. */
  readonly baseTitle: string;
  /** Words that tell versions apart: MusicBrainz keeps them out of the title. */
  readonly disambiguation: string;
  readonly album: string;
  readonly albumType: 'album' | 'single' | 'compilation';
  /** `YYYY` or `YYYY-MM-DD`. */
  readonly releaseDate: string;
  readonly durationMs: number;
  readonly isrc: string;
  readonly genre: string;
  /** 0–100. */
  readonly popularity: number;
  readonly knownTo: ReadonlySet<MusicService>;
}

/** "Queen & David Bowie", "Eminem feat. Dido". */
export function creditOf(track: Pick<Track, 'artists' | 'mainArtists'>): string {
  const main = track.artists.slice(0, track.mainArtists).join(' & ');
  const featured = track.artists.slice(track.mainArtists).join(' & ');
  return featured === '' ? main : `${main} feat. ${featured}`;
}

/** An invented code of an invented registrant: it must never be taken for a real one. */
export function isrcOf(key: string, year: string): string {
  return `QZSBX${year.slice(2, 4)}${String(between(`isrc:${key}`, 0, 99_999)).padStart(5, '0')}`;
}

/** Plays by as many people as the popularity suggests. */
export function listenersOf(track: Track): number {
  const scale = 1.11 ** track.popularity * 180;
  return Math.round(scale * (0.6 + (Number.parseInt(digest(track.key).slice(0, 4), 16) / 65_536) * 0.8));
}
