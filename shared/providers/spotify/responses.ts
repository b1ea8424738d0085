/**
 * The parts of the wire that we read. Apps in development mode get less than the reference says, and fields come and
 * go with its revisions: only what makes a track a track is required.
 */
import { z } from 'zod';
import { wireNumber } from '../wire-number.ts';

const text = z.string().nullish();
const number = wireNumber.nullish();

const image = z.object({ url: z.string(), width: number, height: number });

const artist = z.object({ id: text, name: z.string() });

const album = z.object({
  id: text,
  name: text,
  album_type: text,
  release_date: text,
  images: z.array(image).nullish(),
});

const track = z.object({
  /** null for files that a user uploaded. */
  id: z.string().nullable(),
  /** Empty once the track is taken down. */
  name: z.string(),
  artists: z.array(artist),
  album: album.nullish(),
  duration_ms: number,
  explicit: z.boolean().nullish(),
  disc_number: number,
  track_number: number,
  external_ids: z.object({ isrc: text }).nullish(),
  external_urls: z.object({ spotify: text }).nullish(),
  popularity: number,
  available_markets: z.array(z.string()).nullish(),
  is_playable: z.boolean().nullish(),
  is_local: z.boolean().nullish(),
});
export type WireTrack = z.infer<typeof track>;

/** Items can be null in the middle of a page. */
export const searchResponse = z.object({ tracks: z.object({ items: z.array(track.nullable()) }) });
export type SearchResponse = z.infer<typeof searchResponse>;

export const tokenResponse = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
});

/** `{"error":{"status":429,"message":"…","reason":"…"}}`; the reason says more than the message, where there is one. */
export const errorResponse = z.object({
  error: z.object({ message: text, reason: text }),
});

/** The token endpoint follows OAuth: `{"error":"invalid_client","error_description":"…"}`. */
export const tokenErrorResponse = z.object({ error: z.string() });
