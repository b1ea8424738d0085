/** From the wire to candidates under the canonical field names. Pure. */
import type { MovieCandidate } from '../../matching/candidate.ts';
import type { Fields } from '../../task/task.ts';
import { known } from '../known.ts';
import { certification, datesByCountry } from './release-dates.ts';
import type { Details, Movie } from './responses.ts';

/**
 * The base and the sizes are those that /configuration has told for ten years. It is not asked: a request that fails
 * would fail look-ups over a constant.
 */
const IMAGES = 'https://image.tmdb.org/t/p/';
const POSTER_SIZE = 'w500';
const BACKDROP_SIZE = 'w1280';
const MAX_CAST = 10;
const MAX_KEYWORDS = 30;

/** What a search tells. `imdbId` is the id that it was found by, which the answer does not repeat. */
export function toCandidate(movie: Movie, imdbId?: string): MovieCandidate {
  return candidate(movie, { imdbId, otherTitles: [] }, searchFields(movie));
}

/** What the details tell on top; the id and the titles are those of the details. */
export function detailedCandidate(details: Details, found?: MovieCandidate): MovieCandidate {
  const imdbId = imdbIdOf(details) ?? found?.imdbId;
  const alternative = (details.alternative_titles?.titles ?? []).map((one) => one.title);
  const told = {
    imdbId,
    otherTitles: [...(found?.otherTitles ?? []), ...alternative],
    runtimeMin: positive(details.runtime),
    directors: directorsOf(details),
  };
  return candidate(details, told, {
    ...found?.fields,
    ...searchFields(details),
    ...detailFields(details, imdbId),
  });
}

interface Told {
  readonly imdbId: string | undefined;
  readonly otherTitles: readonly string[];
  readonly runtimeMin?: number | undefined;
  readonly directors?: readonly string[];
}

function candidate(movie: Movie, told: Told, fields: Fields): MovieCandidate {
  const otherTitles = new Set([movie.original_title ?? '', ...told.otherTitles]);
  otherTitles.delete('');
  otherTitles.delete(movie.title);
  return {
    id: String(movie.id),
    title: movie.title,
    otherTitles: [...otherTitles],
    ...known({
      year: yearOf(movie.release_date),
      imdbId: told.imdbId,
      runtimeMin: told.runtimeMin,
      directors: told.directors,
      votes: movie.vote_count,
      popularity: movie.popularity,
    }),
    fields,
  };
}

const searchFields = (movie: Movie): Fields =>
  known({
    title: movie.title,
    original_title: movie.original_title,
    original_language: movie.original_language,
    year: yearOf(movie.release_date),
    release_date: dateOf(movie.release_date),
    overview: movie.overview?.trim(),
    // Nobody voted: the average of 0 is no opinion.
    vote_average: positive(movie.vote_count) && movie.vote_average,
    vote_count: positive(movie.vote_count),
    tmdb_popularity: movie.popularity,
    artwork_url: imageUrl(POSTER_SIZE, movie.poster_path),
    backdrop_url: imageUrl(BACKDROP_SIZE, movie.backdrop_path),
    tmdb_id: movie.id,
    tmdb_url: `https://www.themoviedb.org/movie/${movie.id}`,
  });

const detailFields = (details: Details, imdbId: string | undefined): Fields =>
  known({
    runtime_min: positive(details.runtime),
    tagline: details.tagline?.trim(),
    status: details.status,
    homepage: /^https?:\/\//.test(details.homepage ?? '') ? details.homepage : undefined,
    budget: positive(details.budget),
    revenue: positive(details.revenue),
    genres: names(details.genres),
    collection: details.belongs_to_collection?.name,
    production_companies: names(details.production_companies),
    production_countries: (details.production_countries ?? []).map((country) => country.iso_3166_1),
    spoken_languages: (details.spoken_languages ?? []).map((language) => language.iso_639_1),
    keywords: names(details.keywords?.keywords).slice(0, MAX_KEYWORDS),
    directors: directorsOf(details),
    cast: castOf(details),
    certification: certification(details.release_dates, 'US'),
    release_dates: datesByCountry(details.release_dates),
    imdb_id: imdbId,
    wikidata_id: details.external_ids?.wikidata_id,
  });

function castOf(details: Details): Fields[] {
  const billed = [...(details.credits?.cast ?? [])].sort(
    (a, b) => (a.order ?? Infinity) - (b.order ?? Infinity),
  );
  return billed
    .slice(0, MAX_CAST)
    .map(({ name, character }) => ({ name, ...(character ? { character } : {}) }));
}

function directorsOf(details: Details): string[] {
  const crew = (details.credits?.crew ?? []).filter((member) => member.job === 'Director');
  return [...new Set(crew.map((member) => member.name))];
}

function imdbIdOf(details: Details): string | undefined {
  const ids = [details.imdb_id, details.external_ids?.imdb_id];
  return ids.find((id) => /^tt\d{7,}$/.test(id ?? '')) ?? undefined;
}

const names = (list: readonly { name: string }[] | null | undefined): string[] =>
  (list ?? []).map((one) => one.name).filter((name) => name !== '');

/** 0 says "unknown" in every count and amount of theirs. */
const positive = (value: number | null | undefined): number | undefined =>
  typeof value === 'number' && value > 0 ? value : undefined;

const dateOf = (date: string | null | undefined): string | undefined =>
  /^\d{4}-\d{2}-\d{2}/.exec(date ?? '')?.[0];

const yearOf = (date: string | null | undefined): number | undefined => {
  const year = dateOf(date)?.slice(0, 4);
  return year === undefined ? undefined : Number(year);
};

/** Only a plain file name: a path is hostile input until it looks like one. */
const imageUrl = (size: string, path: string | null | undefined): string | undefined =>
  path && /^\/[\w.-]+$/.test(path) ? `${IMAGES}${size}${path}` : undefined;
