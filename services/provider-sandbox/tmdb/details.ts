import type { Movie } from '../catalogue/movie.ts';
import { between, digest, fraction, pick } from '../random.ts';
import { genresOf } from './genres.ts';
import { imagePath, summaryOf } from './wire.ts';

const FIRST_NAMES = [
  'Ada',
  'Bruno',
  'Clara',
  'Dario',
  'Elif',
  'Femi',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
] as const;
const LAST_NAMES = [
  'Abara',
  'Brandt',
  'Castell',
  'Dumont',
  'Eklund',
  'Farkas',
  'Grieve',
  'Holm',
  'Ito',
] as const;
const PARTS = [
  'The Stranger',
  'Sam',
  'Dr. Mills',
  'Marianne',
  'The Driver',
  'Young Tom',
  'Narrator',
] as const;

function person(identity: string): Record<string, unknown> {
  const name = `${pick(`first:${identity}`, FIRST_NAMES)} ${pick(`last:${identity}`, LAST_NAMES)}`;
  return { ...named(name), popularity: between(`fame:${identity}`, 1, 400) / 10 };
}

const named = (name: string): Record<string, unknown> => ({
  adult: false,
  gender: between(`gender:${name}`, 0, 3),
  id: between(`person:${name}`, 100, 3_000_000),
  name,
  original_name: name,
  popularity: between(`fame:${name}`, 1, 400) / 10,
  profile_path: fraction(`photo:${name}`) < 0.3 ? null : imagePath(`person:${name}`),
});

const creditId = (identity: string): string => digest(`credit:${identity}`).slice(0, 24);

function creditsOf(movie: Movie): Record<string, unknown> {
  const actors = Array.from({ length: between(`actors:${movie.id}`, 3, 14) }, (_, order) => ({
    ...person(`${movie.id}:${order}`),
    known_for_department: 'Acting',
    cast_id: order + 1,
    character: pick(`part:${movie.id}:${order}`, PARTS),
    credit_id: creditId(`${movie.id}:${order}`),
    order,
  }));
  const crew = (['Director', 'Screenplay', 'Producer'] as const).map((job) => ({
    ...(job === 'Director' && movie.director !== undefined
      ? named(movie.director)
      : person(`${job}:${movie.id}`)),
    known_for_department: job === 'Screenplay' ? 'Writing' : 'Directing',
    credit_id: creditId(`${job}:${movie.id}`),
    department: { Director: 'Directing', Screenplay: 'Writing', Producer: 'Production' }[job],
    job,
  }));
  return { cast: actors, crew };
}

const release = (
  country: string,
  date: string,
  type: number,
  certification: string,
): Record<string, unknown> => ({
  iso_3166_1: country,
  release_dates: [
    { certification, descriptors: [], iso_639_1: '', note: '', release_date: `${date}T00:00:00.000Z`, type },
  ],
});

function releaseDatesOf(movie: Movie): Record<string, unknown> {
  const results = movie.releaseDate === '' ? [] : [release('US', movie.releaseDate, 3, movie.certification)];
  if (movie.rereleaseYear !== undefined) results.push(release('BG', `${movie.rereleaseYear}-08-28`, 3, ''));
  return { results };
}

const externalIdsOf = (movie: Movie): Record<string, unknown> => ({
  imdb_id: movie.imdbId,
  wikidata_id: movie.votes > 0 ? `Q${between(`wikidata:${movie.id}`, 10_000, 90_000_000)}` : null,
  facebook_id: null,
  instagram_id: null,
  twitter_id: null,
});

/** What `append_to_response` may name. */
const APPENDABLE: Readonly<Record<string, (movie: Movie) => unknown>> = {
  credits: creditsOf,
  external_ids: externalIdsOf,
  release_dates: releaseDatesOf,
  keywords: () => ({ keywords: [] }),
  images: (movie) => ({
    backdrops: [],
    logos: [],
    posters: movie.hasPoster ? [{ file_path: imagePath(`poster:${movie.id}`), iso_639_1: 'en' }] : [],
  }),
  videos: () => ({ results: [] }),
  alternative_titles: (movie) => ({
    titles: movie.title.includes(':')
      ? [{ iso_3166_1: 'US', title: movie.title.replace(/:.*$/, ''), type: '' }]
      : [],
  }),
  translations: () => ({ translations: [] }),
};

/** `/movie/{id}` with the parts that were asked for; unknown ones are left out, as TMDB does. */
export function detailsOf(movie: Movie, append: readonly string[]): Record<string, unknown> {
  const company = movie.distributor;
  const details: Record<string, unknown> = {
    ...summaryOf(movie),
    belongs_to_collection: movie.title.endsWith(' II')
      ? {
          id: between(`collection:${movie.title}`, 100, 900_000),
          name: `${movie.title.replace(/ II$/, '')} Collection`,
          poster_path: null,
          backdrop_path: null,
        }
      : null,
    budget: movie.budget,
    genres: genresOf(movie.genre),
    homepage: movie.votes % 3 === 0 ? null : '',
    imdb_id: movie.imdbId,
    origin_country: movie.originalLanguage === 'en' ? ['US'] : [movie.originalLanguage.toUpperCase()],
    production_companies:
      company === undefined
        ? []
        : [
            {
              id: between(`company:${company}`, 1, 200_000),
              logo_path: null,
              name: company,
              origin_country: 'US',
            },
          ],
    production_countries: [{ iso_3166_1: 'US', name: 'United States of America' }],
    revenue: movie.revenue,
    runtime: movie.runtimeMin,
    spoken_languages: [{ english_name: 'English', iso_639_1: 'en', name: 'English' }],
    status: movie.releaseDate === '' ? 'In Production' : 'Released',
    tagline: movie.votes % 2 === 0 ? '' : 'Some doors should stay open.',
  };
  for (const part of append) {
    const make = APPENDABLE[part];
    if (make !== undefined) details[part] = make(movie);
  }
  return details;
}
