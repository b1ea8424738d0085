import type { Track } from '../catalogue/track.ts';
import { base62Id, digest, fraction } from '../random.ts';

const API = 'https://api.spotify.com/v1';

/** The same recording has another id on every album. */
export const spotifyIdOf = (track: Track): string => base62Id(`spotify:track:${track.key}`);

function linked(kind: 'artist' | 'album' | 'track', id: string): Record<string, unknown> {
  return {
    external_urls: { spotify: `https://open.spotify.com/${kind}/${id}` },
    href: `${API}/${kind}s/${id}`,
    id,
    type: kind,
    uri: `spotify:${kind}:${id}`,
  };
}

const artistOf = (name: string): Record<string, unknown> => ({
  ...linked('artist', base62Id(`spotify:artist:${name}`)),
  name,
});

const imagesOf = (album: string): unknown[] =>
  [640, 300, 64].map((size) => ({
    height: size,
    width: size,
    url: `https://i.scdn.co/image/${digest(`cover:${size}:${album}`)}`,
  }));

function albumOf(track: Track): Record<string, unknown> {
  const sampler = track.albumType === 'compilation';
  const identity = sampler ? track.album : `${track.artists[0] ?? ''}:${track.album}`;
  return {
    ...linked('album', base62Id(`spotify:album:${identity}`)),
    album_type: track.albumType,
    artists: sampler
      ? [artistOf('Various Artists')]
      : track.artists.slice(0, track.mainArtists).map(artistOf),
    images: imagesOf(identity),
    name: track.album,
    release_date: track.releaseDate,
    release_date_precision: track.releaseDate.length === 4 ? 'year' : 'day',
    total_tracks: sampler ? 40 : 12,
  };
}

/** Some labels deliver the code with dashes, and Spotify shows it as it came. */
const deliveredIsrc = (track: Track): string =>
  fraction(`dashed:${track.key}`) < 0.05 ? track.isrc.replace(/^(..)(...)(..)/, '$1-$2-$3-') : track.isrc;

/** The track object in the shape that development mode gives since 2026: no markets, no preview. */
export function trackObjectOf(track: Track, market: string | null): Record<string, unknown> {
  const mode = fraction(`mode:${track.key}`);
  return {
    ...linked('track', spotifyIdOf(track)),
    album: albumOf(track),
    artists: track.artists.map(artistOf),
    disc_number: 1,
    duration_ms: track.durationMs,
    explicit: fraction(`explicit:${track.key}`) < 0.1,
    ...(mode < 0.05 ? {} : { external_ids: mode < 0.1 ? {} : { isrc: deliveredIsrc(track) } }),
    is_local: false,
    ...(market === null ? {} : { is_playable: true }),
    name: track.title,
    ...(mode > 0.5 ? { popularity: track.popularity } : {}),
    preview_url: null,
    track_number: 1 + Math.floor(fraction(`number:${track.key}`) * 12),
  };
}

export function pagingOf(
  items: readonly unknown[],
  page: { q: string; offset: number; limit: number; total: number },
) {
  // The service echoes how it understood the query, and the quotes are gone: the only trace of a filter that was misread.
  const parsed = encodeURIComponent(page.q.replaceAll('"', '')).replaceAll('%20', '+');
  const address = (offset: number): string =>
    `${API}/search?query=${parsed}&offset=${offset}&limit=${page.limit}&type=track`;
  return {
    href: address(page.offset),
    items,
    limit: page.limit,
    next: page.offset + page.limit < page.total ? address(page.offset + page.limit) : null,
    offset: page.offset,
    previous: page.offset > 0 ? address(Math.max(0, page.offset - page.limit)) : null,
    total: page.total,
  };
}
