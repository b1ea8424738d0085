import { loadProviders, providerEnvironment, speedNotice } from './provider-mode.ts';

const URL = 'http://127.0.0.1:1';
const definitions = await loadProviders();

test('with the sandbox no credential of the environment reaches a worker', () => {
  const env = providerEnvironment(definitions, { kind: 'sandbox', speed: 1, latency: 1 }, URL);
  const secrets = definitions.flatMap(({ settings }) =>
    Object.values(settings)
      .filter(({ secret }) => secret)
      .map(({ key }) => key),
  );
  expect(secrets).toContain('TMDB_TOKEN');
  for (const key of secrets) expect(env).toMatchObject({ [key]: '', [`${key}_FILE`]: '' });
  expect(env['PROVIDER_SANDBOX_URL']).toBe(URL);
});

test('at the real speed limits are left to the environment', () => {
  const env = providerEnvironment(definitions, { kind: 'sandbox', speed: 1, latency: 1 }, URL);
  expect(Object.keys(env).filter((key) => key.endsWith('_RATE_LIMIT'))).toEqual([]);
});

test('rates and budgets follow the speed of the sandbox, windows do not', () => {
  const env = providerEnvironment(definitions, { kind: 'sandbox', speed: 20, latency: 0.1 }, URL);
  expect(env).toMatchObject({
    SPOTIFY_RATE_LIMIT: '600/30s',
    SPOTIFY_DAILY_BUDGET: '20000',
    MUSICBRAINZ_RATE_LIMIT: '20/1100ms',
    MUSICBRAINZ_DAILY_BUDGET: '0',
  });
});

test('live leaves credentials and limits as they are, and no sandbox is asked', () => {
  expect(providerEnvironment(definitions, { kind: 'live' }, URL)).toEqual({ PROVIDER_SANDBOX_URL: '' });
});

test('a speed names the limits of the environment that do not count under it, the real one names none', () => {
  const notice = (speed: number): string | undefined => {
    const mode = { kind: 'sandbox', speed, latency: 1 / speed } as const;
    const env = { SPOTIFY_RATE_LIMIT: '10/s', TMDB_DAILY_BUDGET: '', SPOTIFY_MARKET: 'DE' };
    return speedNotice(mode, providerEnvironment(definitions, mode, URL), env);
  };
  expect(notice(20)).toMatch(/^--speed 20 sets .*; not from the environment: SPOTIFY_RATE_LIMIT$/);
  expect(notice(1)).toBeUndefined();
});
