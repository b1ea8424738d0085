import type { ProviderSamples, SampleExchange, SampleReply } from '../samples.ts';

const TOKEN = 'sample-token-of-tmdb';
const DETAILS =
  '?append_to_response=credits%2Cexternal_ids%2Crelease_dates%2Ckeywords%2Calternative_titles&language=en-US';

/** As lists have it: the article behind, a subtitle, the year of the premiere. */
const query = { title: 'Glass Orchard, The', year: 1998 };

const orchard = {
  adult: false,
  backdrop_path: '/oRchardBack01.jpg',
  genre_ids: [18],
  id: 71_234,
  original_language: 'sv',
  original_title: 'Glasträdgården',
  overview: ' A gardener grows what cannot be sold. ',
  popularity: 21.5,
  poster_path: '/oRchardPost01.jpg',
  release_date: '1998-09-18',
  title: 'The Glass Orchard',
  video: false,
  vote_average: 7.4,
  vote_count: 812,
};
const remake = {
  ...orchard,
  id: 71_999,
  original_language: 'en',
  original_title: 'The Glass Orchard',
  release_date: '2016-02-05',
  popularity: 88.1,
  vote_count: 790,
};
const making = {
  ...orchard,
  id: 72_001,
  title: 'The Making of The Glass Orchard',
  original_title: 'Making of',
};
const undated = { ...orchard, id: 72_002, title: 'The Glass Orchard 2', release_date: undefined };
const OTHER_DIRECTOR = { id: 92, name: 'Tomas Berg', department: 'Directing', job: 'Director' };

const details = {
  ...orchard,
  genre_ids: undefined,
  belongs_to_collection: { id: 9, name: 'The Orchard Collection' },
  budget: 4_200_000,
  genres: [{ id: 18, name: 'Drama' }],
  homepage: '',
  imdb_id: 'tt0198765',
  production_companies: [{ id: 5, logo_path: null, name: 'Norrsken Film', origin_country: 'SE' }],
  production_countries: [{ iso_3166_1: 'SE', name: 'Sweden' }],
  revenue: 0,
  runtime: 104,
  spoken_languages: [{ english_name: 'Swedish', iso_639_1: 'sv', name: 'svenska' }],
  status: 'Released',
  tagline: '',
  credits: {
    cast: [{ id: 80, name: 'Lena Ek', character: 'Rut', order: 0 }],
    crew: [
      { id: 90, name: 'Ingrid Falk', department: 'Directing', job: 'Director' },
      { id: 91, name: 'Per Holm', department: 'Sound', job: 'Sound' },
    ],
  },
  external_ids: { imdb_id: 'tt0198765', wikidata_id: 'Q1234567', facebook_id: null },
  release_dates: {
    results: [
      {
        iso_3166_1: 'US',
        release_dates: [{ certification: 'PG-13', release_date: '1999-03-12T00:00:00.000Z', type: 3 }],
      },
    ],
  },
  keywords: { keywords: [{ id: 1, name: 'greenhouse' }] },
  alternative_titles: { titles: [{ iso_3166_1: 'DE', title: 'Der gläserne Garten', type: '' }] },
};

const page = (...results: unknown[]): SampleReply => ({
  body: { page: 1, results, total_pages: 1, total_results: results.length },
});
const failed = (status: number, code: number, message: string): SampleReply => ({
  status,
  body: { success: false, status_code: code, status_message: message },
});
const search = (title: string, year: number | undefined, reply: SampleReply): SampleExchange => ({
  request:
    `GET /tmdb/3/search/movie?query=${title}&include_adult=false` +
    `${year === undefined ? '' : `&primary_release_year=${year}`}&page=1&language=en-US`,
  reply,
});
const movie = (id: number, reply: SampleReply): SampleExchange => ({
  request: `GET /tmdb/3/movie/${id}${DETAILS}`,
  reply,
});
const find = (imdbId: string, movies: unknown[], shows: unknown[] = []): SampleExchange => ({
  request: `GET /tmdb/3/find/${imdbId}?external_source=imdb_id&language=en-US`,
  reply: {
    body: { movie_results: movies, person_results: [], tv_results: shows, tv_episode_results: [] },
  },
});
const TITLE = 'The+Glass+Orchard';

const samples: ProviderSamples = {
  env: { TMDB_TOKEN: TOKEN },
  secrets: [TOKEN],
  query,
  hit: {
    claim: 'takes the movie of that year, whatever is more popular, and asks once for everything about it',
    exchanges: [search(TITLE, 1998, page(making, orchard)), movie(71_234, { body: details })],
    outcome: {
      kind: 'hit',
      id: '71234',
      fields: {
        title: 'The Glass Orchard',
        original_title: 'Glasträdgården',
        original_language: 'sv',
        year: 1998,
        release_date: '1998-09-18',
        release_dates: { US: '1999-03-12' },
        runtime_min: 104,
        overview: 'A gardener grows what cannot be sold.',
        status: 'Released',
        genres: ['Drama'],
        certification: 'PG-13',
        directors: ['Ingrid Falk'],
        cast: [{ name: 'Lena Ek', character: 'Rut' }],
        collection: 'The Orchard Collection',
        production_companies: ['Norrsken Film'],
        production_countries: ['SE'],
        spoken_languages: ['sv'],
        keywords: ['greenhouse'],
        budget: 4_200_000,
        vote_average: 7.4,
        vote_count: 812,
        tmdb_popularity: 21.5,
        artwork_url: 'https://image.tmdb.org/t/p/w500/oRchardPost01.jpg',
        backdrop_url: 'https://image.tmdb.org/t/p/w1280/oRchardBack01.jpg',
        tmdb_id: 71_234,
        imdb_id: 'tt0198765',
        wikidata_id: 'Q1234567',
        tmdb_url: 'https://www.themoviedb.org/movie/71234',
      },
    },
  },
  miss: {
    claim: 'asks within the year, then without it, and finds nothing',
    exchanges: [search(TITLE, 1998, page()), search(TITLE, undefined, page())],
    outcome: { kind: 'miss' },
  },
  ambiguous: {
    claim: 'does not choose between a movie and its remake when nobody says the year',
    query: { title: 'The Glass Orchard' },
    exchanges: [search(TITLE, undefined, page(remake, orchard))],
    outcome: { kind: 'ambiguous' },
  },
  oddities: [
    {
      claim: 'finds a movie by its IMDb id',
      query: { ...query, imdbId: 'tt0198765' },
      exchanges: [find('tt0198765', [{ ...orchard, media_type: 'movie' }]), movie(71_234, { body: details })],
      outcome: { kind: 'hit', id: '71234' },
    },
    {
      claim: 'searches when the IMDb id belongs to a show',
      query: { ...query, imdbId: 'tt0555555' },
      exchanges: [
        find('tt0555555', [], [{ id: 3, name: 'The Glass Orchard', media_type: 'tv' }]),
        search(TITLE, 1998, page()),
        search(TITLE, undefined, page()),
      ],
      outcome: { kind: 'miss' },
    },
    {
      claim: 'asks without the year when sources differ by one',
      query: { title: 'The Glass Orchard', year: 1999 },
      exchanges: [
        search(TITLE, 1999, page()),
        search(TITLE, undefined, page(orchard)),
        movie(71_234, { body: details }),
      ],
      outcome: { kind: 'hit', id: '71234' },
    },
    {
      claim: 'lets the director decide between movies of one name',
      query: { title: 'The Glass Orchard', director: 'Ingrid Falk' },
      exchanges: [
        search(TITLE, undefined, page(remake, orchard, orchard)),
        movie(71_234, { body: details }),
        movie(71_999, { body: { ...remake, runtime: 0, credits: { cast: [], crew: [OTHER_DIRECTOR] } } }),
        movie(71_234, { body: details }),
      ],
      outcome: { kind: 'hit', id: '71234' },
    },
    {
      claim: 'drops a subtitle when nothing has it, and wants the exact year then',
      query: { title: 'The Glass Orchard: Winter Cut (1998)', year: 1998 },
      exchanges: [
        search(`${TITLE}%3A+Winter+Cut`, 1998, page()),
        search(`${TITLE}%3A+Winter+Cut`, undefined, page()),
        search(TITLE, 1998, page(orchard)),
        movie(71_234, { body: details }),
      ],
      outcome: { kind: 'hit', id: '71234' },
    },
    {
      claim: 'knows a movie by its title of origin',
      query: { title: 'Glasträdgården', year: 1998 },
      exchanges: [search('Glastr%C3%A4dg%C3%A5rden', 1998, page(orchard)), movie(71_234, { body: details })],
      outcome: { kind: 'hit', id: '71234' },
    },
    {
      claim: 'reads numbers that are written as text',
      exchanges: [
        search(TITLE, 1998, page({ ...orchard, id: '71234', popularity: '21.5', vote_count: '812' })),
        movie(71_234, { body: { ...details, id: '71234', runtime: '104', budget: '', revenue: '0' } }),
      ],
      outcome: { kind: 'hit', id: '71234', fields: { tmdb_id: 71_234, runtime_min: 104, vote_count: 812 } },
    },
    {
      claim: 'passes over false friends without a date and without a poster',
      exchanges: [
        search(TITLE, 1998, page({ ...making, release_date: '', poster_path: null }, undated, orchard)),
        movie(71_234, { body: details }),
      ],
      outcome: { kind: 'hit', id: '71234' },
    },
    {
      claim: 'keeps what the search told of a movie that was deleted or merged since',
      exchanges: [
        search(TITLE, 1998, page(orchard)),
        movie(71_234, failed(404, 34, 'The resource you requested could not be found.')),
      ],
      outcome: { kind: 'hit', id: '71234', fields: { year: 1998, tmdb_id: 71_234 } },
    },
    {
      claim: 'takes the limit of the edge for one, though it is HTML and names no time',
      exchanges: [search(TITLE, 1998, { status: 429, body: '<html><h1>429 Too Many Requests</h1></html>' })],
      outcome: { kind: 'error', error: 'rate_limited', status: 429, retryAfterMs: null },
    },
    {
      claim: 'reports a list that became an object',
      exchanges: [search(TITLE, 1998, { body: { page: 1, results: { 0: orchard } } })],
      outcome: { kind: 'error', error: 'contract' },
    },
  ],
};

export default samples;
