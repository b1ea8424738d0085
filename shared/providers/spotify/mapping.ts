import type { TrackCandidate } from '../../matching/candidate.ts';
import { known } from '../known.ts';
import { normalIsrc, partialDate, secureUrl } from '../wire-text.ts';
import type { SearchResponse, WireTrack } from './responses.ts';

const ARTWORK_WIDTH = 640;
const RELEASE_TYPES = { album: 'album', single: 'single', ep: 'ep', compilation: 'compilation' } as const;

/** Candidates in the order of the service, without files of users and tracks that were taken down. */
export const toCandidates = (response: SearchResponse): readonly TrackCandidate[] =>
  response.tracks.items.flatMap((track) => {
    const candidate = track === null ? undefined : toCandidate(track);
    return candidate === undefined ? [] : [candidate];
  });

function toCandidate(track: WireTrack): TrackCandidate | undefined {
  const artists = track.artists.map(({ name }) => name).filter((name) => name !== '');
  if (track.id === null || track.is_local === true || track.name === '' || artists.length === 0) {
    return undefined;
  }
  const isrc = normalIsrc(track.external_ids?.isrc);
  const releaseDate = partialDate(track.album?.release_date);
  return {
    id: track.id,
    title: track.name,
    artist: artists.join(', '),
    artists,
    isrcs: isrc === undefined ? [] : [isrc],
    // A duplicate that is offered nowhere is still served: it names the right song, but another one is preferred.
    official: track.available_markets?.length !== 0 && track.is_playable !== false,
    ...known({
      album: track.album?.name,
      durationMs: positive(track.duration_ms),
      releaseDate,
      releaseType: releaseType(track),
      popularity: track.popularity,
    }),
    fields: known({
      title: track.name,
      artist: artists.join(', '),
      artists: credits(track),
      album: track.album?.name,
      album_type: releaseType(track),
      // Of this album, which may be a reissue: it says nothing about the first release.
      release_date: releaseDate,
      duration_ms: positive(track.duration_ms),
      isrcs: isrc === undefined ? [] : [isrc],
      explicit: track.explicit,
      track_number: track.track_number,
      disc_number: track.disc_number,
      artwork_url: artwork(track),
      spotify_id: track.id,
      spotify_album_id: track.album?.id,
      spotify_url: secureUrl(track.external_urls?.spotify),
      spotify_popularity: track.popularity,
    }),
  };
}

/** The first one is the main artist, whoever follows is a guest. */
const credits = (track: WireTrack): { name: string; id?: string; role: string }[] =>
  track.artists
    .filter(({ name }) => name !== '')
    .map(({ name, id }, index) => ({ name, ...known({ id }), role: index === 0 ? 'main' : 'featured' }));

function releaseType(track: WireTrack): TrackCandidate['releaseType'] {
  const type = track.album?.album_type?.toLowerCase();
  if (type === undefined) return undefined;
  return type in RELEASE_TYPES ? RELEASE_TYPES[type as keyof typeof RELEASE_TYPES] : 'other';
}

/** The picture nearest to 640 pixels; they come widest first, and sometimes without a width. */
function artwork(track: WireTrack): string | undefined {
  const images = track.album?.images ?? [];
  const distance = (width: number | null | undefined) => Math.abs((width ?? ARTWORK_WIDTH) - ARTWORK_WIDTH);
  const nearest = [...images].sort((a, b) => distance(a.width) - distance(b.width))[0];
  return secureUrl(nearest?.url);
}

const positive = (value: number | null | undefined): number | undefined =>
  value !== null && value !== undefined && value > 0 ? value : undefined;
