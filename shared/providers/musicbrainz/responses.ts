/**
 * The wire of the MusicBrainz web service, reduced to what we read. Only ids, titles and the envelopes are required:
 * search, ISRC look-up and recording look-up tell different parts of the same recording, and older documents and
 * mirrors write some of them in another form. The search score is not read: the best hit always has 100, whatever it is.
 */
import { z } from 'zod';
import { wireNumber } from '../wire-number.ts';

const text = z.string().nullish();

const artistCredit = z.object({
  /** As credited; older documents leave it out. */
  name: text,
  joinphrase: text,
  artist: z.object({ id: z.string(), name: z.string() }),
});

const releaseSchema = z.object({
  id: z.string(),
  title: z.string(),
  status: text,
  date: text,
  'release-group': z
    .object({
      id: z.string(),
      title: text,
      'primary-type': text,
      'secondary-types': z.array(z.string()).nullish(),
    })
    .nullish(),
});

/** Genres and tags alike; a look-up counts votes, which may be zero or below. */
const label = z.object({ name: z.string(), count: wireNumber.nullish() });

const relation = z.object({
  ended: z.boolean().nullish(),
  url: z.object({ resource: z.string() }).nullish(),
});

const recordingSchema = z.object({
  id: z.string(),
  title: z.string(),
  length: wireNumber.nullish(),
  video: z.boolean().nullish(),
  disambiguation: text,
  'first-release-date': text,
  'artist-credit': z.array(artistCredit).nullish(),
  releases: z.array(releaseSchema).nullish(),
  isrcs: z.array(z.union([z.string(), z.object({ id: z.string() }).transform((isrc) => isrc.id)])).nullish(),
  genres: z.array(label).nullish(),
  tags: z.array(label).nullish(),
  rating: z.object({ value: wireNumber.nullish() }).nullish(),
  relations: z.array(relation).nullish(),
});

export type Release = z.infer<typeof releaseSchema>;
export type Recording = z.infer<typeof recordingSchema>;
export type ArtistCredit = z.infer<typeof artistCredit>;
export type Label = z.infer<typeof label>;

/** Of a search and of a look-up by ISRC. */
export const recordingsResponse = z.object({ recordings: z.array(recordingSchema) });
export type RecordingsResponse = z.infer<typeof recordingsResponse>;

/** Of a look-up by id; null stands for one that was deleted. */
export const recordingResponse = recordingSchema.nullable();
export type RecordingResponse = z.infer<typeof recordingResponse>;
