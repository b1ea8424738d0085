/** Which releases of the catalogue have pictures. Covers are uploaded by people: many releases have none. */
import type { Track } from '../catalogue/track.ts';
import { releaseGroupIdOf, releaseIdOf } from '../musicbrainz/wire.ts';
import { fraction } from '../random.ts';

const SHARE_WITH_PICTURES = 0.7;

export interface Covers {
  /** Ids of the releases that have pictures. */
  readonly releases: ReadonlySet<string>;
  /** Release group → the release whose picture stands for it. */
  readonly groups: ReadonlyMap<string, string>;
}

export function coversOf(tracks: readonly Track[]): Covers {
  const releases = new Set<string>();
  const groups = new Map<string, string>();
  for (const track of tracks) {
    const release = releaseIdOf(track);
    if (!track.knownTo.has('musicbrainz') || fraction(`cover:${release}`) >= SHARE_WITH_PICTURES) continue;
    releases.add(release);
    const group = releaseGroupIdOf(track);
    if (!groups.has(group)) groups.set(group, release);
  }
  return { releases, groups };
}
