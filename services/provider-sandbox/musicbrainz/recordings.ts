import type { Track, TrackKind } from '../catalogue/track.ts';
import { uuid } from '../random.ts';

/** A recording with all the releases that it is on. */
export interface Recording {
  readonly id: string;
  readonly track: Track;
  readonly releases: readonly Track[];
}

/** Kinds that MusicBrainz keeps as one recording: other releases of the same take. */
const ONE_RECORDING: ReadonlySet<TrackKind> = new Set(['original', 'compilation', 'remaster']);

const recordingKey = (track: Track): string =>
  ONE_RECORDING.has(track.kind) ? track.key.split('|').slice(0, 2).join('|') : track.key;

export const recordingIdOf = (track: Track): string => uuid(`musicbrainz:recording:${recordingKey(track)}`);

/** Groups the tracks that MusicBrainz knows; the first of a group names it. */
export function recordingsOf(tracks: readonly Track[]): Recording[] {
  const groups = new Map<string, Track[]>();
  for (const track of tracks) {
    if (!track.knownTo.has('musicbrainz')) continue;
    const id = recordingIdOf(track);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [track]);
    else group.push(track);
  }
  return [...groups].flatMap(([id, releases]) => {
    const [track] = releases;
    return track === undefined ? [] : { id, track, releases };
  });
}
