/**
 * The parts of the wire that we read. A search tells less than a look-up: codes, dates, tempo and all artists but the
 * first are only in the full track.
 */
import { z } from 'zod';
import { wireNumber } from '../wire-number.ts';

const text = z.string().nullish();
const number = wireNumber.nullish();

const artist = z.object({ id: wireNumber, name: z.string() });

const album = z.object({
  title: text,
  cover_xl: text,
  cover_big: text,
});

const track = z.object({
  id: z.number(),
  /** Holds the version and the guests: "Song (feat. B)"; empty once the track is taken down. */
  title: z.string(),
  link: text,
  /** False where it is not offered in the country that we ask from. */
  readable: z.boolean().nullish(),
  /** Seconds; 0 = unknown. */
  duration: number,
  /** Popularity, up to about a million. */
  rank: number,
  explicit_lyrics: z.boolean().nullish(),
  artist,
  album: album.nullish(),
  contributors: z.array(artist.extend({ role: text })).nullish(),
  isrc: text,
  release_date: text,
  /** 0 = unknown. */
  bpm: number,
  track_position: number,
  disk_number: number,
});
export type WireTrack = z.infer<typeof track>;

export const searchResponse = z.object({ data: z.array(track) });
export type SearchResponse = z.infer<typeof searchResponse>;

/** null is ours: the service has no such track. */
export const trackResponse = track.nullable();
export type TrackResponse = z.infer<typeof trackResponse>;

/** Comes with HTTP 200. */
export const errorResponse = z.object({ error: z.object({ code: z.number(), message: text }) });
