import type { MovieCandidate, MovieQuery } from '../../matching/candidate.ts';
import { secret, text, url } from '../../runtime/environment.ts';
import { defineProvider, type Provider } from '../provider.ts';
import { tmdbClient } from './client.ts';
import { ladder } from './ladder.ts';
import { detailedCandidate } from './mapping.ts';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

const settings = {
  token: secret('TMDB_TOKEN', { doc: 'API Read Access Token (v4) of a TMDB account.' }),
  url: url('TMDB_URL', { doc: 'Base URL of TMDB.', default: 'https://api.themoviedb.org/3' }),
  language: text('TMDB_LANGUAGE', {
    doc: 'Language and country of titles and texts from TMDB.',
    default: 'en-US',
  }),
};

/** TMDB: movies, by IMDb id where that is known, else by title and year. */
export default defineProvider({
  name: 'tmdb',
  kind: 'movie',
  title: 'TMDB',
  settings,
  idField: 'tmdb_id',
  sandboxPaths: { url: '/tmdb/3' },
  limits: {
    // The edge refuses from about 50 a second and 20 connections on, from one address; no header tells how near it is.
    rate: '25/s',
    dailyBudget: 0,
    maxInFlight: 8,
    timeoutMs: 10_000,
    attempts: 4,
    hitTtlSeconds: 30 * DAY_SECONDS,
    missTtlSeconds: 24 * HOUR_SECONDS,
    // Their terms: nothing is kept for longer than six months.
    maxTtlSeconds: 180 * DAY_SECONDS,
  },
  costPerRequestUsd: 0,
  notice:
    'This product uses the TMDB API but is not endorsed or certified by TMDB (https://www.themoviedb.org). Commercial ' +
    'use needs an agreement with TMDB.',
  open: ({ token, url: baseUrl, language }, { userAgent }): Provider<MovieQuery, MovieCandidate> => {
    const client = tmdbClient({ baseUrl, token, language, userAgent });
    return {
      ladder: (query, call) => ladder(client, query, call),
      details: async (candidate, _query, call) => {
        const details = await call(client.details(candidate.id));
        return details === null ? candidate : detailedCandidate(details, candidate);
      },
    };
  },
});
