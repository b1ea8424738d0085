import { between } from '../random.ts';

/** A film as TMDB knows it. */
export interface Movie {
  readonly id: number;
  /** Null for some of the little known ones. */
  readonly imdbId: string | null;
  readonly title: string;
  readonly originalTitle: string;
  readonly originalLanguage: string;
  /** `YYYY-MM-DD`, or empty when nobody knows. */
  readonly releaseDate: string;
  /** Year of a later release in another country: what `year` finds and `primary_release_year` does not. */
  readonly rereleaseYear?: number;
  readonly popularity: number;
  readonly votes: number;
  readonly rating: number;
  /** Null or 0 when unknown. */
  readonly runtimeMin: number | null;
  readonly director?: string;
  readonly genre?: string;
  readonly certification: string;
  readonly budget: number;
  readonly revenue: number;
  readonly distributor?: string;
  readonly hasPoster: boolean;
}

export const yearOf = (releaseDate: string): number | undefined =>
  releaseDate === '' ? undefined : Number(releaseDate.slice(0, 4));

/** Gives ids that depend on the movie alone; a taken one moves on to the next. */
export class MovieIds {
  readonly #taken = new Set<number>();

  next(identity: string): number {
    return this.#free(between(`tmdb:${identity}`, 11, 1_400_000));
  }

  nextImdb(identity: string): string {
    const id = this.#free(between(`imdb:${identity}`, 2_000_000, 9_000_000));
    return `tt${id}`;
  }

  #free(wanted: number): number {
    let id = wanted;
    while (this.#taken.has(id)) id += 1;
    this.#taken.add(id);
    return id;
  }
}
