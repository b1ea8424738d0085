interface Genre {
  readonly id: number;
  readonly name: string;
}

/** TMDB's genres under the names that the data set uses. */
const GENRES: Readonly<Record<string, readonly Genre[]>> = {
  Action: [{ id: 28, name: 'Action' }],
  Adventure: [
    { id: 12, name: 'Adventure' },
    { id: 10751, name: 'Family' },
  ],
  'Black Comedy': [
    { id: 35, name: 'Comedy' },
    { id: 80, name: 'Crime' },
  ],
  Comedy: [{ id: 35, name: 'Comedy' }],
  'Concert/Performance': [{ id: 10402, name: 'Music' }],
  Documentary: [{ id: 99, name: 'Documentary' }],
  Drama: [{ id: 18, name: 'Drama' }],
  Horror: [{ id: 27, name: 'Horror' }],
  Musical: [{ id: 10402, name: 'Music' }],
  'Romantic Comedy': [
    { id: 35, name: 'Comedy' },
    { id: 10749, name: 'Romance' },
  ],
  'Thriller/Suspense': [{ id: 53, name: 'Thriller' }],
  Western: [{ id: 37, name: 'Western' }],
};

export const genresOf = (name: string | undefined): readonly Genre[] =>
  name === undefined ? [] : (GENRES[name] ?? []);
