import { decimal, integer, rate, text } from '../../shared/runtime/environment.ts';

/** Limits are those of the real services; speed and latency make the same shape run faster. */
export const SANDBOX_SETTINGS = {
  host: text('PROVIDER_SANDBOX_HOST', {
    doc: 'Address on which the sandbox listens. It has no authentication.',
    default: '127.0.0.1',
  }),
  port: integer('PROVIDER_SANDBOX_PORT', {
    doc: 'Port of the sandbox; 0 takes a free one.',
    default: '8090',
    min: 0,
    max: 65535,
  }),
  speed: decimal('PROVIDER_SANDBOX_SPEED', {
    doc: 'Multiplies every limit: 20 allows 20 times as many requests in the same window.',
    default: '1',
    min: 0.01,
    max: 100_000,
  }),
  latency: decimal('PROVIDER_SANDBOX_LATENCY', {
    doc: 'Multiplies the latency of every answer; 0 answers at once.',
    default: '1',
    min: 0,
    max: 100,
  }),
  seed: integer('PROVIDER_SANDBOX_SEED', {
    doc: 'Seed of latencies and of faults with a probability.',
    default: '1',
    min: 0,
    max: 2_147_483_647,
  }),
  spotifyLimit: rate('PROVIDER_SANDBOX_SPOTIFY_LIMIT', {
    doc: 'What Spotify allows, before the speed is applied.',
    default: '30/30s',
  }),
  musicbrainzLimit: rate('PROVIDER_SANDBOX_MUSICBRAINZ_LIMIT', {
    doc: 'What MusicBrainz allows, before the speed is applied.',
    default: '1/s',
  }),
  coverartarchiveLimit: rate('PROVIDER_SANDBOX_COVERARTARCHIVE_LIMIT', {
    doc: 'What the Cover Art Archive, which documents no limit, is taken to allow, before the speed is applied.',
    default: '10/s',
  }),
  deezerLimit: rate('PROVIDER_SANDBOX_DEEZER_LIMIT', {
    doc: 'What Deezer allows, before the speed is applied.',
    default: '50/5s',
  }),
  lastfmLimit: rate('PROVIDER_SANDBOX_LASTFM_LIMIT', {
    doc: 'What Last.fm allows, before the speed is applied.',
    default: '5/s',
  }),
  tmdbLimit: rate('PROVIDER_SANDBOX_TMDB_LIMIT', {
    doc: 'What TMDB allows, before the speed is applied.',
    default: '50/s',
  }),
  tmdbConnections: integer('PROVIDER_SANDBOX_TMDB_CONNECTIONS', {
    doc: 'Requests that TMDB serves at the same time, before the speed is applied.',
    default: '20',
    min: 1,
    max: 10_000,
  }),
};
