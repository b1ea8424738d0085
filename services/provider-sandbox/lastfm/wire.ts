import { creditOf, listenersOf } from '../catalogue/track.ts';
import type { Track } from '../catalogue/track.ts';
import { between, digest, fraction, uuid } from '../random.ts';

type Body = Record<string, unknown>;

const SITE = 'https://www.last.fm';
const encoded = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+');

export const artistUrl = (artist: string): string => `${SITE}/music/${encoded(artist)}`;
const trackUrl = (artist: string, title: string): string => `${artistUrl(artist)}/_/${encoded(title)}`;

/** Last.fm files a track under its first main artist, or the main artists together. */
export const filedArtist = (track: Track): string =>
  creditOf({ artists: track.artists.slice(0, track.mainArtists), mainArtists: track.mainArtists });

/** Its tracks have no ids of their own: the address is what identifies one. */
export const lastfmUrlOf = (track: Track): string => trackUrl(filedArtist(track), track.title);

/** What Last.fm knows of a pair of names. */
export interface Scrobbled {
  readonly artist: string;
  readonly title: string;
  readonly listeners: number;
  /** Absent for pairs that nobody but a few scrobblers ever wrote. */
  readonly track?: Track;
}

/** Since 2019 the same grey star stands for every picture of an artist or a track. */
const STAR = '2a96cbd8b46e442fc41c2b86b821562f';

const imagesOf = (hash: string): Body[] =>
  (['small', 'medium', 'large', 'extralarge'] as const).map((size, at) => ({
    '#text': `https://lastfm.freetls.fastly.net/i/u/${['34s', '64s', '174s', '300x300'][at] ?? ''}/${hash}.png`,
    size,
  }));

/** No tag, one or many: three forms on the wire. */
function topTags(track: Track | undefined): unknown {
  if (track === undefined) return { tag: [] };
  const names = [track.genre, 'seen live', filedArtist(track), 'favourites', '10 of 10 stars'];
  const tags = names.map((name) => ({ name, url: `${SITE}/tag/${encoded(name)}` }));
  const form = fraction(`tags:${track.key}`);
  if (form < 0.05) return '';
  return { tag: form < 0.12 ? tags[0] : tags };
}

function albumOf(track: Track): Body {
  const artist = filedArtist(track);
  return {
    artist,
    title: track.album,
    mbid: fraction(`album-mbid:${track.key}`) < 0.5 ? '' : uuid(`lastfm:album:${track.key}`),
    url: `${artistUrl(artist)}/${encoded(track.album)}`,
    image: imagesOf(digest(`lastfm:${artist}:${track.album}`).slice(0, 32)),
    '@attr': { position: '1' },
  };
}

/** `track.getInfo`. `album` is any album that the track is on, not the one it came from. */
export function infoOf({ artist, title, listeners, track }: Scrobbled, anyAlbum: Track | undefined): Body {
  const known = track !== undefined;
  const staleId = known && fraction(`stale:${track.key}`) < 0.3;
  return {
    track: {
      name: title,
      ...(known ? { mbid: staleId ? '' : uuid(`lastfm:track:${track.key}`) } : {}),
      url: trackUrl(artist, title),
      duration: known && fraction(`lastfm-length:${track.key}`) >= 0.15 ? String(track.durationMs) : '0',
      streamable: { '#text': '0', fulltrack: '0' },
      listeners: String(listeners),
      playcount: String(listeners * (known ? between(`plays:${track.key}`, 3, 9) : 2)),
      artist: {
        name: artist,
        ...(known ? { mbid: uuid(`musicbrainz:artist:${artist}`) } : {}),
        url: artistUrl(artist),
      },
      ...(known && anyAlbum !== undefined ? { album: albumOf(anyAlbum) } : {}),
      toptags: topTags(track),
      ...(known && fraction(`wiki:${track.key}`) < 0.4 ? { wiki: wikiOf(artist, title) } : {}),
    },
  };
}

function wikiOf(artist: string, title: string): Body {
  const more = `<a href="${trackUrl(artist, title)}">Read more on Last.fm</a>`;
  return {
    published: '14 Apr 2009, 16:25',
    summary: `"${title}" is a song by ${artist}. ${more}.`,
    content:
      `"${title}" is a song by ${artist}. ${more}. User-contributed text is available under the ` +
      'Creative Commons By-SA License; additional terms may apply.',
  };
}

export const searchMatchOf = (track: Track): Body => ({
  name: track.title,
  artist: filedArtist(track),
  url: lastfmUrlOf(track),
  // The service's own word: its searches really answer this.
  streamable: 'FIXME',
  listeners: String(listenersOf(track)),
  image: imagesOf(STAR),
  mbid: fraction(`search-mbid:${track.key}`) < 0.5 ? '' : uuid(`lastfm:track:${track.key}`),
});
