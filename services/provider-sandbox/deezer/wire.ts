import type { Track } from '../catalogue/track.ts';
import { digest, fraction } from '../random.ts';

type Body = Record<string, unknown>;

const SITE = 'https://www.deezer.com';

const numberOf = (text: string): number => Number.parseInt(digest(text).slice(0, 8), 16);

/** The same recording has another id on every album. */
export const deezerIdOf = (track: Track): number => numberOf(`deezer:track:${track.key}`);

const artistOf = (name: string): Body => {
  const id = numberOf(`deezer:artist:${name}`);
  return { id, name, tracklist: `https://api.deezer.com/artist/${id}/top?limit=50`, type: 'artist' };
};

const SIZES = { cover_small: 56, cover_medium: 250, cover_big: 500, cover_xl: 1_000 } as const;

/** One album in thirty has no cover: then nothing stands between the slashes. */
function coversOf(album: string): Body {
  const md5 = fraction(`deezer:cover:${album}`) < 0.03 ? '' : digest(`cover:${album}`).slice(0, 32);
  const addressOf = (size: number): string =>
    `https://cdn-images.dzcdn.net/images/cover/${md5}/${size}x${size}-000000-80-0-0.jpg`;
  return Object.fromEntries(Object.entries(SIZES).map(([name, size]) => [name, addressOf(size)]));
}

function albumOf(track: Track): Body {
  const identity = `${track.artists[0] ?? ''}:${track.album}`;
  const id = numberOf(`deezer:album:${identity}`);
  return {
    id,
    title: track.album,
    cover: `https://api.deezer.com/album/${id}/image`,
    ...coversOf(identity),
    tracklist: `https://api.deezer.com/album/${id}/tracks`,
    type: 'album',
  };
}

/** Guests stand in the title, apart from it in a member of its own. */
function titlesOf(track: Track): Body {
  const guests = track.artists.slice(track.mainArtists);
  const version = guests.length === 0 ? '' : `(feat. ${guests.join(' & ')})`;
  return {
    title: `${track.title} ${version}`.trim(),
    title_short: track.title,
    title_version: version,
  };
}

/** What a search tells of a track: one artist, and nothing that identifies the recording. */
export function foundOf(track: Track): Body {
  const id = deezerIdOf(track);
  return {
    id,
    readable: fraction(`deezer:readable:${track.key}`) > 0.03,
    ...titlesOf(track),
    link: `${SITE}/track/${id}`,
    duration: Math.round(track.durationMs / 1_000),
    rank: track.popularity * 9_500 + Math.floor(fraction(`deezer:rank:${track.key}`) * 9_500),
    explicit_lyrics: fraction(`explicit:${track.key}`) < 0.1,
    preview: `https://cdnt-preview.dzcdn.net/api/1/1/${digest(`preview:${track.key}`)}.mp3`,
    artist: artistOf(track.artists[0] ?? ''),
    album: albumOf(track),
    type: 'track',
  };
}

/** What a look-up adds. Labels leave out the date and the code, and of many tracks nobody measured the tempo. */
export function fullOf(track: Track): Body {
  const lot = fraction(`deezer:delivered:${track.key}`);
  return {
    ...foundOf(track),
    isrc: lot < 0.03 ? '' : track.isrc,
    release_date: lot > 0.97 ? '0000-00-00' : dayOf(track.releaseDate),
    track_position: 1 + Math.floor(fraction(`number:${track.key}`) * 12),
    disk_number: 1,
    bpm: lot < 0.4 ? 0 : Math.round(700 + lot * 900) / 10,
    gain: -8.5,
    available_countries: ['DE', 'FR', 'GB', 'US'],
    contributors: track.artists.map((name, at) => ({
      ...artistOf(name),
      role: at < track.mainArtists ? 'Main' : 'Featured',
    })),
  };
}

/** Deezer knows days only: a year alone becomes its first. */
const dayOf = (date: string): string => (date.length === 4 ? `${date}-01-01` : date);
