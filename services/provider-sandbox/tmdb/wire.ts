import type { Movie } from '../catalogue/movie.ts';
import { digest, pick } from '../random.ts';
import { genresOf } from './genres.ts';

export const imagePath = (identity: string): string => `/${digest(`image:${identity}`).slice(0, 27)}.jpg`;

const OVERVIEWS = [
  'A quiet life ends when an old promise is called in.',
  'Two strangers find out that they share a secret, and one night to keep it.',
  'What began as a simple plan becomes the longest summer of their lives.',
  'An unlikely crew takes on a job that nobody else wants.',
] as const;

/** The members that search results, finds and details share. */
export const summaryOf = (movie: Movie): Record<string, unknown> => ({
  adult: false,
  backdrop_path: movie.hasPoster ? imagePath(`backdrop:${movie.id}`) : null,
  id: movie.id,
  title: movie.title,
  original_language: movie.originalLanguage,
  original_title: movie.originalTitle,
  overview: movie.votes === 0 ? '' : pick(`overview:${movie.id}`, OVERVIEWS),
  popularity: movie.popularity,
  poster_path: movie.hasPoster ? imagePath(`poster:${movie.id}`) : null,
  release_date: movie.releaseDate,
  video: false,
  vote_average: movie.votes === 0 ? 0 : movie.rating,
  vote_count: movie.votes,
});

export const searchResultOf = (movie: Movie): Record<string, unknown> => ({
  ...summaryOf(movie),
  genre_ids: genresOf(movie.genre).map((genre) => genre.id),
});

export const findResultOf = (movie: Movie): Record<string, unknown> => ({
  ...searchResultOf(movie),
  media_type: 'movie',
});

export const CONFIGURATION = {
  images: {
    base_url: 'http://image.tmdb.org/t/p/',
    secure_base_url: 'https://image.tmdb.org/t/p/',
    backdrop_sizes: ['w300', 'w780', 'w1280', 'original'],
    logo_sizes: ['w45', 'w92', 'w154', 'w185', 'w300', 'w500', 'original'],
    poster_sizes: ['w92', 'w154', 'w185', 'w342', 'w500', 'w780', 'original'],
    profile_sizes: ['w45', 'w185', 'h632', 'original'],
    still_sizes: ['w92', 'w185', 'w300', 'original'],
  },
  change_keys: [
    'air_date',
    'cast',
    'crew',
    'genres',
    'images',
    'overview',
    'release_dates',
    'runtime',
    'title',
  ],
} as const;
