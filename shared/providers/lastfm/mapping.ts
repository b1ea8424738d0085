import type { TrackCandidate, TrackQuery } from '../../matching/candidate.ts';
import { known } from '../known.ts';
import { secureUrl } from '../wire-text.ts';
import type { Pair } from './client.ts';
import { isEcho, isSamePair } from './names.ts';
import type { InfoResponse, SearchResponse, WireFound, WireTag, WireTrack } from './responses.ts';
import { usefulTags } from './tags.ts';

/** The grey star that stands for "no picture". */
const STAR = '2a96cbd8b46e442fc41c2b86b821562f';
const SIZES = ['mega', 'extralarge', 'large'];
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

export interface LastfmCandidate extends TrackCandidate {
  /** Whether it holds all that the service tells about a track, or only what a search tells. */
  readonly detailed: boolean;
}

/**
 * The track of the answer, if it is the one that was asked for and enough people listened to it: the service has an
 * entry for every pair of names that anybody ever played, misspelt and invented ones included.
 */
export function infoCandidate(
  query: TrackQuery,
  { track }: InfoResponse,
  minListeners: number,
): LastfmCandidate | undefined {
  if (track === null || (track.listeners ?? 0) < minListeners) return undefined;
  if (!isEcho(query, { artist: track.artist.name, title: track.name })) return undefined;
  return toCandidate(query, track);
}

/** Of the spellings that are equal to what was asked for, the one with most listeners; empty when none has enough. */
export function searchCandidates(
  query: TrackQuery,
  response: SearchResponse,
  minListeners: number,
): readonly LastfmCandidate[] {
  const listenersOf = (found: WireFound) => found.listeners ?? 0;
  const pairOf = (found: WireFound): Pair => ({ artist: found.artist, title: found.name });
  const spellings = response.results.trackmatches.track
    .filter((found) => listenersOf(found) >= minListeners && isEcho(query, pairOf(found)))
    .sort((a, b) => listenersOf(b) - listenersOf(a));
  return spellings
    .filter(
      (found, index) => !spellings.slice(0, index).some((more) => isSamePair(pairOf(found), pairOf(more))),
    )
    .map((found) => ({
      ...toCandidate(query, { ...found, artist: { name: found.artist } }),
      detailed: false,
    }));
}

/** The artist's and the track's own names are no tags. */
export const withTags = (
  candidate: LastfmCandidate,
  tags: readonly WireTag[],
  minCount: number,
): LastfmCandidate => {
  const useful = usefulTags(tags, minCount, [candidate.artist, candidate.title]);
  return { ...candidate, fields: { ...candidate.fields, ...known({ tags: [...useful] }) } };
};

type Told = Pick<WireTrack, 'name' | 'artist'> & Partial<WireTrack>;

function toCandidate(query: TrackQuery, track: Told): LastfmCandidate {
  const artist = track.artist.name;
  const durationMs = track.duration !== 0 ? track.duration : undefined;
  const mbid = UUID.test(track.mbid ?? '') ? track.mbid : undefined;
  return {
    // The service has ids for few of its tracks, and those are often stale: the page of a pair of names is what
    // identifies one.
    id: secureUrl(track.url) ?? `${artist}/_/${track.name}`,
    title: track.name,
    artist,
    artists: [artist],
    isrcs: [],
    detailed: true,
    ...known({ durationMs, popularity: track.listeners }),
    fields: known({
      title: track.name,
      artist,
      artists: [{ name: artist, role: 'main' }],
      album: confirmedAlbum(query, track),
      duration_ms: durationMs,
      tags: [...usefulTags(tagsOf(track), 0, [artist, track.name])],
      artwork_url: artwork(track),
      lastfm_url: secureUrl(track.url),
      lastfm_listeners: track.listeners,
      lastfm_playcount: track.playcount,
      lastfm_mbid: mbid,
      summary: summary(track),
    }),
  };
}

const tagsOf = (track: Told) => track.toptags?.tag ?? [];

const albumOf = (track: Told) => (track.album === '' ? undefined : track.album);

/** Any album with the track on it, often a live one or a compilation: worth something only if it was asked for. */
function confirmedAlbum(query: TrackQuery, track: Told): string | undefined {
  const title = albumOf(track)?.title ?? undefined;
  if (title === undefined || query.album === undefined) return undefined;
  const artist = query.artist;
  return isSamePair({ artist, title }, { artist, title: query.album }) ? title : undefined;
}

function artwork(track: Told): string | undefined {
  const images = albumOf(track)?.image ?? [];
  const largest = SIZES.map((size) => images.find((image) => image.size === size)).find(
    (image) => image !== undefined && image['#text'] !== '',
  );
  return largest?.['#text'].includes(STAR) === true ? undefined : secureUrl(largest?.['#text']);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&quot;': '"',
  '&#39;': "'",
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
};

/** Plain text of what listeners wrote; the link to the service at its end is in lastfm_url already. */
function summary(track: Told): string | undefined {
  const html = track.wiki === '' ? undefined : track.wiki?.summary;
  return html
    ?.replace(/<a [^>]*>Read more on Last\.fm<\/a>.*$/is, '')
    .replace(/<[^>]*>?/g, '')
    .replace(/&(?:quot|#39|lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity)
    .trim();
}
