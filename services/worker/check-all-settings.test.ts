import { ConfigError, type Environment } from '../../shared/runtime/environment.ts';
import { checkAllSettings } from './check-all-settings.ts';

const bad = {
  ENRICHMENT_LANES: 'urgent',
  LOG_LEVEL: 'loud',
  SPOTIFY_RATE_LIMIT: 'many',
  TMDB_TIMEOUT_MS: '1',
  MUSICBRAINZ_URL: 'ftp://127.0.0.1',
  LASTFM_API_KEY_FILE: '/nowhere/key',
  DATABASE_URL: 'mysql://somebody:hidden-word@127.0.0.1/x',
};

async function problemsOf(env: Environment): Promise<readonly string[]> {
  const error: unknown = await checkAllSettings(env).catch((reason: unknown) => reason);
  if (error instanceof ConfigError) return error.problems;
  throw new Error('nothing was wrong');
}

test('every bad key is told at once, whoever reads it', async () => {
  const keys = (await problemsOf(bad)).map((problem) => problem.slice(0, problem.indexOf(':')));
  expect(keys.sort()).toEqual(Object.keys(bad).sort());
});

test('no secret is part of the problems', async () => {
  expect((await problemsOf(bad)).join('\n')).not.toContain('hidden-word');
});

test('an environment with nothing in it will do', async () => {
  await expect(checkAllSettings({})).resolves.toBeUndefined();
});
