/** From the wire to candidates under the canonical field names. Pure. */
import type { TrackCandidate } from '../../matching/candidate.ts';
import type { Fields } from '../../task/task.ts';
import { known } from '../known.ts';
import { normalIsrc, partialDate, secureUrl } from '../wire-text.ts';
import type { WireTrack } from './responses.ts';

export interface DeezerCandidate extends TrackCandidate {
  /** Whether it is the full track, or what a search tells of it. */
  readonly detailed: boolean;
}

/** Candidates in the order of the service, without tracks that were taken down. */
export const toCandidates = (tracks: readonly WireTrack[], detailed: boolean): DeezerCandidate[] =>
  tracks
    .filter(({ title, artist }) => title !== '' && artist.name !== '')
    .map((track) => toCandidate(track, detailed));

function toCandidate(track: WireTrack, detailed: boolean): DeezerCandidate {
  const credits = creditsOf(track);
  const mains = credits.filter(({ role }) => role === 'main').map(({ name }) => name);
  const artist = mains.length > 0 ? mains.join(', ') : track.artist.name;
  const isrc = normalIsrc(track.isrc);
  const isrcs = isrc === undefined ? [] : [isrc];
  const releaseDate = partialDate(track.release_date);
  const seconds = positive(track.duration);
  const durationMs = seconds === undefined ? undefined : Math.round(seconds * 1_000);
  return {
    id: String(track.id),
    title: track.title,
    artist,
    artists: credits.map(({ name }) => name),
    isrcs,
    official: track.readable !== false,
    detailed,
    ...known({ album: track.album?.title, durationMs, releaseDate, popularity: track.rank }),
    fields: known({
      title: track.title,
      artist,
      artists: credits,
      album: track.album?.title,
      // Of this album, which may be a reissue: it says nothing about the first release.
      release_date: releaseDate,
      duration_ms: durationMs,
      isrcs,
      explicit: track.explicit_lyrics,
      track_number: positive(track.track_position),
      disc_number: positive(track.disk_number),
      bpm: positive(track.bpm),
      artwork_url: artwork(track),
      deezer_id: track.id,
      deezer_url: secureUrl(track.link),
      deezer_rank: track.rank,
    }),
  };
}

/** A search names the main artist alone. Somebody may contribute in several roles: the first one counts. */
function creditsOf({ artist, contributors }: WireTrack): (Fields & { name: string; role: string })[] {
  const named = (contributors ?? []).filter(({ name }) => name !== '');
  const credited = named.length > 0 ? named : [{ ...artist, role: 'Main' }];
  const first = credited.filter(({ id }, index) => credited.findIndex((one) => one.id === id) === index);
  return first.map(({ id, name, role }) => ({
    name,
    ...known({ id: id === undefined ? undefined : String(id) }),
    role: role === 'Featured' ? 'featured' : 'main',
  }));
}

/** The address of a cover that is not there has nothing between its slashes, and shows a grey disc. */
function artwork({ album }: WireTrack): string | undefined {
  const url = secureUrl(album?.cover_xl) ?? secureUrl(album?.cover_big);
  return url?.includes('/cover//') === true ? undefined : url;
}

const positive = (value: number | null | undefined): number | undefined =>
  value !== null && value !== undefined && value > 0 ? value : undefined;
