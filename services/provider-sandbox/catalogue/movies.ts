import { readFileSync } from 'node:fs';
import { between, fraction } from '../random.ts';
import { moviesFile } from './files.ts';
import { MovieIds } from './movie.ts';
import type { Movie } from './movie.ts';
import { falseFriends } from './movie-false-friends.ts';
import { repairDate, repairTitle } from './repair.ts';
import { folded } from './text-index.ts';

/** A row of the data set, as far as the catalogue uses it. */
export interface MovieRow {
  readonly Title: string | number | null;
  readonly 'Release Date': string;
  readonly 'US Gross': number | null;
  readonly 'Worldwide Gross': number | null;
  readonly 'Production Budget': number | null;
  readonly 'MPAA Rating': string | null;
  readonly 'Running Time min': number | null;
  readonly Distributor: string | null;
  readonly 'Major Genre': string | null;
  readonly Director: string | null;
  readonly 'IMDB Rating': number | null;
  readonly 'IMDB Votes': number | null;
}

export interface MovieCatalogue {
  readonly movies: readonly Movie[];
  /** For each row of the data set the movie that it means; null for the row without a title. */
  readonly truth: readonly { readonly row: MovieRow; readonly movie: Movie | null }[];
}

/** TMDB and IMDb disagree about the year of about seven titles in a thousand. */
function primaryDate(identity: string, repaired: string): string {
  if (fraction(`shifted:${identity}`) >= 0.007) return repaired;
  return `${Number(repaired.slice(0, 4)) + 1}-01-15`;
}

function movieOf(row: MovieRow, title: string, date: string, ids: MovieIds): Movie {
  const identity = `${folded(title)}|${date.slice(0, 4)}`;
  const votes = Math.round((row['IMDB Votes'] ?? between(`votes:${identity}`, 40, 900)) / 8);
  const year = Number(date.slice(0, 4));
  const id = ids.next(identity);
  return {
    id,
    imdbId: ids.nextImdb(identity),
    title,
    originalTitle: title,
    originalLanguage: 'en',
    releaseDate: primaryDate(identity, date),
    ...(fraction(`rerelease:${identity}`) < 0.1
      ? { rereleaseYear: year + between(`later:${identity}`, 6, 30) }
      : {}),
    popularity: Math.round((0.6 + Math.sqrt(votes) * (0.2 + fraction(`now:${identity}`))) * 1_000) / 1_000,
    votes,
    rating: row['IMDB Rating'] ?? between(`rating:${identity}`, 40, 79) / 10,
    runtimeMin: row['Running Time min'] ?? between(`runtime:${identity}`, 82, 138),
    ...(row.Director === null ? {} : { director: row.Director }),
    ...(row['Major Genre'] === null ? {} : { genre: row['Major Genre'] }),
    certification: row['MPAA Rating'] ?? '',
    budget: row['Production Budget'] ?? 0,
    revenue: row['Worldwide Gross'] ?? 0,
    ...(row.Distributor === null ? {} : { distributor: row.Distributor }),
    hasPoster: true,
  };
}

/** Two rows that mean one movie ("IMAX" and "Theatrical Release") share it. Throws when the data set cannot be read. */
export function loadMovies(file: string = moviesFile()): MovieCatalogue {
  const rows = JSON.parse(readFileSync(file, 'utf8')) as MovieRow[];
  const ids = new MovieIds();
  const known = new Map<string, Movie>();
  const askedYears = new Map<string, number[]>();
  const truth = rows.map((row) => {
    if (row.Title === null) return { row, movie: null };
    const title = repairTitle(row.Title);
    const date = repairDate(row['Release Date']);
    const key = `${folded(title)}|${date.slice(0, 4)}`;
    const movie = known.get(key) ?? movieOf(row, title, date, ids);
    known.set(key, movie);
    const years = askedYears.get(folded(title)) ?? [];
    years.push(Number(date.slice(0, 4)), Number(row['Release Date'].slice(-4)));
    askedYears.set(folded(title), years);
    return { row, movie };
  });
  const originals = [...new Set(known.values())];
  return { movies: [...originals, ...falseFriends(originals, askedYears, ids)], truth };
}
