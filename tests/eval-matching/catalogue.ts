/** What the tracks are judged against: the project's own catalogue, or a file. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { creditOf, isSameRecording } from '../../services/provider-sandbox/catalogue/track.ts';
import { loadTracks } from '../../services/provider-sandbox/catalogue/tracks.ts';
import type { TrackCandidate } from '../../shared/matching/candidate.ts';
import { plain } from './search.ts';

export interface CatalogueTrack {
  readonly candidate: TrackCandidate;
  /** False for covers, karaoke tracks and the like, which nobody asks for but which are found. */
  readonly isAsked: boolean;
  /** Whether the other one is as right an answer as this one. */
  isAsRight(other: TrackCandidate): boolean;
  /** Whether the other one is the same song, if in another edition or of another length: gone when the song is. */
  isSameSong(other: TrackCandidate): boolean;
}

/**
 * One track of a file. The file is an array of these, or an object with them under `tracks`. The names that MusicBrainz
 * dumps use are taken too: `recording` for id, `lengthMs`, `recordingDisambiguation`, `release` for album, and artists
 * as objects.
 */
const trackSchema = z
  .object({
    id: z.coerce.string().optional(),
    recording: z.string().optional(),
    title: z.string(),
    artist: z.string(),
    artists: z.array(z.union([z.string(), z.object({ name: z.string() })])).optional(),
    album: z.string().nullish(),
    release: z.string().nullish(),
    durationMs: z.number().nullish(),
    lengthMs: z.number().nullish(),
    isrcs: z.array(z.string()).optional(),
    disambiguation: z.string().nullish(),
    recordingDisambiguation: z.string().nullish(),
    releaseDate: z.string().nullish(),
    firstReleaseDate: z.string().nullish(),
  })
  .transform((track): TrackCandidate => {
    const album = track.album ?? track.release;
    const durationMs = track.durationMs ?? track.lengthMs;
    const disambiguation = track.disambiguation ?? track.recordingDisambiguation;
    const releaseDate = track.releaseDate ?? track.firstReleaseDate;
    const artists = track.artists?.map((artist) => (typeof artist === 'string' ? artist : artist.name));
    return {
      id: track.id ?? track.recording ?? `${track.artist}|${track.title}`,
      title: track.title,
      fields: {},
      artist: track.artist,
      artists: artists ?? [track.artist],
      isrcs: track.isrcs ?? [],
      ...(album && { album }),
      ...(durationMs && { durationMs }),
      ...(disambiguation && { disambiguation }),
      ...(releaseDate && { releaseDate }),
    };
  });
const fileSchema = z.union([
  z.array(trackSchema),
  z
    .object({
      releases: z.array(z.object({ id: z.string(), title: z.string() })).default([]),
      tracks: z.array(trackSchema),
    })
    .transform(({ releases, tracks }) => {
      const titles = new Map(releases.map(({ id, title }) => [id, title]));
      return tracks.map((track) => ({
        ...track,
        ...(track.album !== undefined && { album: titles.get(track.album) ?? track.album }),
      }));
    }),
]);

/** Reads a catalogue of the form above; the first of several entries with one id counts. Throws when it is none. */
export function readCatalogue(file: string): readonly CatalogueTrack[] {
  const tracks = fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const byId = new Map<string, TrackCandidate>();
  for (const track of tracks) if (!byId.has(track.id)) byId.set(track.id, track);
  return [...byId.values()].map((candidate) => ({
    candidate,
    isAsked: true,
    isAsRight: (other) => isSameByNote(candidate, other),
    isSameSong: (other) => candidate.id === other.id || isSongByNote(candidate, other),
  }));
}

/** Decided by what the file says, not by the matcher: the same song, ten seconds apart at most. */
function isSameByNote(a: TrackCandidate, b: TrackCandidate): boolean {
  const apart = Math.abs((a.durationMs ?? 0) - (b.durationMs ?? 0));
  return a.id === b.id || (isSongByNote(a, b) && apart <= 10_000);
}

/** The same main artist and title, and both live or neither. */
function isSongByNote(a: TrackCandidate, b: TrackCandidate): boolean {
  const main = (track: TrackCandidate): string => plain(track.artists[0] ?? track.artist);
  const isLive = (track: TrackCandidate): boolean => /^live\b/i.test(track.disambiguation ?? '');
  return main(a) === main(b) && plain(a.title) === plain(b.title) && isLive(a) === isLive(b);
}

/** The tracks of the sandbox with their live versions, covers, karaoke tracks, remixes and namesakes. */
export function ownCatalogue(): readonly CatalogueTrack[] {
  const tracks = loadTracks().map((track) => ({
    track,
    candidate: {
      id: track.key,
      title: track.title,
      fields: {},
      artist: creditOf(track),
      artists: track.artists,
      album: track.album,
      durationMs: track.durationMs,
      isrcs: [track.isrc],
      releaseDate: track.releaseDate,
      releaseType: track.albumType,
      popularity: track.popularity,
    } satisfies TrackCandidate,
  }));
  const right = new Map<string, Set<string>>();
  for (const { track, candidate } of tracks) {
    if (!isSameRecording(track)) continue;
    right.set(track.rowId, (right.get(track.rowId) ?? new Set()).add(candidate.id));
  }
  return tracks.map(({ track, candidate }) => ({
    candidate,
    isAsked: track.kind === 'original',
    isAsRight: (other) => right.get(track.rowId)?.has(other.id) ?? false,
    isSameSong: (other) => right.get(track.rowId)?.has(other.id) ?? false,
  }));
}
