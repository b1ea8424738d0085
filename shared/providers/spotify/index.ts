import type { TrackCandidate, TrackQuery } from '../../matching/candidate.ts';
import { secret, text, url, type Setting } from '../../runtime/environment.ts';
import { defineProvider } from '../provider.ts';
import { searchRequest } from './client.ts';
import { toCandidates } from './mapping.ts';
import { searchQueries } from './search-queries.ts';

const market: Setting<string> = {
  ...text('SPOTIFY_MARKET', { doc: 'Country whose catalogue is searched at Spotify.', default: 'US' }),
  expected: 'a country code of two letters (ISO 3166-1)',
  parse(raw) {
    if (!/^[a-z]{2}$/i.test(raw)) throw new RangeError(raw);
    return raw.toUpperCase();
  },
};

export default defineProvider({
  name: 'spotify',
  kind: 'track',
  title: 'Spotify',
  settings: {
    clientId: secret('SPOTIFY_CLIENT_ID', { doc: 'Client id of an app of the Spotify developer dashboard.' }),
    clientSecret: secret('SPOTIFY_CLIENT_SECRET', { doc: 'Its client secret.' }),
    apiUrl: url('SPOTIFY_API_URL', {
      doc: 'Base URL of the Spotify Web API.',
      default: 'https://api.spotify.com/v1',
    }),
    accountsUrl: url('SPOTIFY_ACCOUNTS_URL', {
      doc: 'Base URL of the service that gives out tokens for Spotify.',
      default: 'https://accounts.spotify.com',
    }),
    market,
  },
  idField: 'spotify_id',
  sandboxPaths: { apiUrl: '/spotify/v1', accountsUrl: '/spotify-accounts' },
  limits: {
    // The limit is not published and counts in a rolling window of 30 s; users report a lock for the day at some
    // 800 to 1,400 requests in development mode.
    rate: '30/30s',
    dailyBudget: 1_000,
    maxInFlight: 2,
    timeoutMs: 10_000,
    attempts: 4,
    // The terms want content kept current and never stored indefinitely, without a figure: a day, where the
    // deployment guide has seven.
    hitTtlSeconds: 86_400,
    missTtlSeconds: 6 * 3_600,
    maxTtlSeconds: 30 * 86_400,
  },
  costPerRequestUsd: 0,
  notice: 'Metadata and artwork provided by Spotify; each track links to its page there (spotify_url).',
  open: (settings, tools) => ({
    ladder: (query: TrackQuery, call) =>
      searchQueries(query).map(({ rung, q }) => ({
        name: rung,
        search: async (): Promise<readonly TrackCandidate[]> =>
          toCandidates(await call(searchRequest(q, settings, tools))),
      })),
  }),
});
