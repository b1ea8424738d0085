/**
 * The wire of TMDB, reduced to what we read. Only ids, titles and the lists themselves are required: an unknown date is
 * an empty text or absent, an unknown runtime or budget is null or 0, and mirrors write numbers as text.
 */
import { z } from 'zod';
import { wireNumber } from '../wire-number.ts';

const text = z.string().nullish();
const number = wireNumber.nullish();
const named = z.object({ name: z.string() });

/** What the search, the look-up by another id, and the details have in common. */
const movieSchema = z.object({
  id: wireNumber.pipe(z.number()),
  title: z.string(),
  original_title: text,
  original_language: text,
  overview: text,
  release_date: text,
  poster_path: text,
  backdrop_path: text,
  popularity: number,
  vote_average: number,
  vote_count: number,
});
export type Movie = z.infer<typeof movieSchema>;

export const searchResponse = z.object({ results: z.array(movieSchema) });
export type SearchResponse = z.infer<typeof searchResponse>;

/** A show with that id is in another list, which is none of ours. */
export const findResponse = z.object({ movie_results: z.array(movieSchema) });
export type FindResponse = z.infer<typeof findResponse>;

const credits = z.object({
  cast: z.array(z.object({ name: z.string(), character: text, order: number })).nullish(),
  crew: z.array(z.object({ name: z.string(), job: text })).nullish(),
});

const releaseDates = z.object({
  results: z.array(
    z.object({
      iso_3166_1: z.string(),
      release_dates: z.array(z.object({ certification: text, release_date: text, type: number })),
    }),
  ),
});
export type ReleaseDates = z.infer<typeof releaseDates>;

const detailsSchema = movieSchema.extend({
  imdb_id: text,
  tagline: text,
  status: text,
  homepage: text,
  runtime: number,
  budget: number,
  revenue: number,
  genres: z.array(named).nullish(),
  belongs_to_collection: named.nullish(),
  production_companies: z.array(named).nullish(),
  production_countries: z.array(z.object({ iso_3166_1: z.string() })).nullish(),
  spoken_languages: z.array(z.object({ iso_639_1: z.string() })).nullish(),
  credits: credits.nullish(),
  external_ids: z.object({ imdb_id: text, wikidata_id: text }).nullish(),
  release_dates: releaseDates.nullish(),
  keywords: z.object({ keywords: z.array(named) }).nullish(),
  alternative_titles: z.object({ titles: z.array(z.object({ title: z.string() })) }).nullish(),
});
export type Details = z.infer<typeof detailsSchema>;

/** Null stands for a movie that was deleted or merged into another. */
export const detailsResponse = detailsSchema.nullable();
export type DetailsResponse = z.infer<typeof detailsResponse>;
