/** Which id of a service is right for a row of the input: what the demo holds its results against. */
import { deezerIdOf } from '../deezer/wire.ts';
import { lastfmUrlOf } from '../lastfm/wire.ts';
import { recordingIdOf } from '../musicbrainz/recordings.ts';
import { spotifyIdOf } from '../spotify/wire.ts';
import type { MovieCatalogue } from './movies.ts';
import { isSameRecording } from './track.ts';
import type { MusicService, Track } from './track.ts';

export interface MovieTruth {
  /** As it is in the data set: title and date with their errors. */
  readonly title: string;
  readonly release_date: string;
  /** Right ids; empty when the service does not know the row's movie or track. */
  readonly ids: readonly string[];
  readonly imdb_id: string | null;
}

export interface TrackTruth {
  readonly track_id: string;
  readonly ids: readonly string[];
}

/** A row without a title means no movie and is left out. */
export const movieTruth = ({ truth }: MovieCatalogue): MovieTruth[] =>
  truth.flatMap(({ row, movie }) =>
    movie === null
      ? []
      : {
          title: String(row.Title),
          release_date: row['Release Date'],
          ids: [String(movie.id)],
          imdb_id: movie.imdbId,
        },
  );

const ID_OF: Readonly<Record<MusicService, (track: Track) => string>> = {
  spotify: spotifyIdOf,
  musicbrainz: recordingIdOf,
  deezer: (track) => String(deezerIdOf(track)),
  lastfm: lastfmUrlOf,
};

/** Rows that are not listed do not exist: whatever is found for them is wrong. */
export function trackTruth(tracks: readonly Track[], provider: MusicService): TrackTruth[] {
  const ids = new Map<string, Set<string>>();
  for (const track of tracks) {
    const known = ids.get(track.rowId) ?? new Set<string>();
    if (isSameRecording(track) && track.knownTo.has(provider)) known.add(ID_OF[provider](track));
    ids.set(track.rowId, known);
  }
  return [...ids].map(([rowId, known]) => ({ track_id: rowId, ids: [...known] }));
}
