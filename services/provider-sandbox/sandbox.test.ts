import { readSettings } from '../../shared/runtime/environment.ts';
import { SANDBOX_SETTINGS } from './config.ts';
import { coversOf } from './coverartarchive/covers.ts';
import { loadCatalogue, startSandbox } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';
import type { ProviderFigures } from './statistics.ts';

const catalogue = loadCatalogue();
let sandbox: Sandbox;

beforeAll(async () => {
  const env = { PROVIDER_SANDBOX_PORT: '0', PROVIDER_SANDBOX_LATENCY: '0', PROVIDER_SANDBOX_SPEED: '1000' };
  sandbox = await startSandbox(readSettings(SANDBOX_SETTINGS, env), catalogue);
});

afterAll(() => sandbox.close());

beforeEach(async () => {
  await control('PUT', 'tuning', { speed: 1_000, latency: 0 });
  await control('POST', 'reset');
});

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${sandbox.url}/_control/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.json();
}

const fault = (provider: string, kind: string, more: object = {}): Promise<unknown> =>
  control('POST', 'faults', { provider, kind, ...more });

async function figuresOf(provider: string): Promise<ProviderFigures> {
  const stats = (await control('GET', 'stats')) as { providers: Record<string, ProviderFigures> };
  const figures = stats.providers[provider];
  if (figures === undefined) throw new Error(provider);
  return figures;
}

const HEADERS = { authorization: 'Bearer token', 'user-agent': 'tests/1.0 ( tests@example.org )' };
const TMDB_SEARCH = '/tmdb/3/search/movie?query=fight+club';
const MUSICBRAINZ_SEARCH = '/musicbrainz/ws/2/recording?fmt=json&query=recording%3Astrobe';
const LASTFM_INFO = '/lastfm/2.0/?method=track.getInfo&api_key=hidden&artist=deadmau5&track=Strobe';
const DEEZER_SEARCH = '/deezer/search/track?q=deadmau5+strobe';
const COVER = `/coverartarchive/release/${[...coversOf(catalogue.tracks).releases][0] ?? ''}`;
const SPOTIFY_SEARCH = '/spotify/v1/search?type=track&q=strobe';

const get = (
  path: string,
  headers: Record<string, string> = HEADERS,
  signal?: AbortSignal,
): Promise<Response> => fetch(sandbox.url + path, { headers, ...(signal === undefined ? {} : { signal }) });

async function newToken(): Promise<Record<string, string>> {
  const response = await fetch(`${sandbox.url}/spotify-accounts/api/token`, {
    method: 'POST',
    headers: { authorization: 'Basic aWQ6c2VjcmV0' },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  return { authorization: `Bearer ${token}` };
}

test('each service answers under its prefix', async () => {
  const spotify = await newToken();
  const statuses = await Promise.all([
    get(TMDB_SEARCH),
    get(MUSICBRAINZ_SEARCH),
    get(COVER),
    get(DEEZER_SEARCH),
    get(LASTFM_INFO),
    get(SPOTIFY_SEARCH, spotify),
  ]);
  expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  expect((await get('/elsewhere')).status).toBe(404);
});

test('every request above the limit is a violation, and is refused in the words of the service', async () => {
  // Windows of an hour: however slow the machine is, each burst is within one.
  const env = {
    PROVIDER_SANDBOX_PORT: '0',
    PROVIDER_SANDBOX_LATENCY: '0',
    PROVIDER_SANDBOX_SPOTIFY_LIMIT: '3/h',
    PROVIDER_SANDBOX_MUSICBRAINZ_LIMIT: '1/h',
    PROVIDER_SANDBOX_COVERARTARCHIVE_LIMIT: '2/h',
    PROVIDER_SANDBOX_DEEZER_LIMIT: '4/h',
    PROVIDER_SANDBOX_LASTFM_LIMIT: '5/h',
    PROVIDER_SANDBOX_TMDB_LIMIT: '2/h',
  };
  const others = sandbox;
  sandbox = await startSandbox(readSettings(SANDBOX_SETTINGS, env), catalogue);
  try {
    const spotify = await newToken();
    const refused = async (path: string, count: number, headers: Record<string, string> = HEADERS) => {
      const answers = await Promise.all(Array.from({ length: count }, () => get(path, headers)));
      return answers.filter(({ status }) => status !== 200);
    };
    const musicbrainz = await refused(MUSICBRAINZ_SEARCH, 2);
    expect(musicbrainz.map(({ status }) => status)).toEqual([503]);
    expect(musicbrainz[0]?.headers.get('x-ratelimit-zone')).toBe('ws');
    const covers = await refused(COVER, 3);
    expect(covers.map(({ status }) => status)).toEqual([429]);
    // What a redirect leads to is the same request.
    expect(await figuresOf('coverartarchive')).toMatchObject({ requests: 3, violations: 1 });
    expect(await refused(DEEZER_SEARCH, 6)).toEqual([]);
    expect(await figuresOf('deezer')).toMatchObject({ violations: 2, by_status: { 200: 6 } });
    expect(await (await get(DEEZER_SEARCH)).json()).toMatchObject({ error: { code: 4 } });
    const lastfm = await refused(LASTFM_INFO, 8);
    expect(await lastfm[0]?.json()).toMatchObject({ error: 29 });
    const tmdb = await refused(TMDB_SEARCH, 3);
    expect(tmdb[0]?.headers.has('retry-after')).toBe(false);
    expect(await tmdb[0]?.json()).toMatchObject({ status_code: 25 });
    const limited = await refused(SPOTIFY_SEARCH, 5, spotify);
    expect(limited.map(({ status }) => status)).toEqual([429, 429]);
    expect(Number(limited[0]?.headers.get('retry-after'))).toBeGreaterThan(3_000);
    expect(await figuresOf('spotify')).toMatchObject({
      requests: 5,
      token_requests: 1,
      violations: 2,
      worst_window: 5,
    });
    expect(await figuresOf('lastfm')).toMatchObject({ violations: 3, by_status: { 200: 5, 429: 3 } });
  } finally {
    await sandbox.close();
    sandbox = others;
  }
});

test('a limit can be changed while it runs', async () => {
  await control('PUT', 'tuning', { speed: 1 });
  await control('PUT', 'limits', { provider: 'tmdb', count: 2, window_ms: 60_000 });
  const statuses = [await get(TMDB_SEARCH), await get(TMDB_SEARCH), await get(TMDB_SEARCH)];
  await control('PUT', 'limits', { provider: 'tmdb', count: 50, window_ms: 1_000, connections: 20 });
  expect(statuses.at(-1)?.status).toBe(429);
});

test('a fault with a count ends by itself', async () => {
  await fault('tmdb', 'status', { status: 502, count: 2 });
  const statuses = [await get(TMDB_SEARCH), await get(TMDB_SEARCH), await get(TMDB_SEARCH)];
  expect(statuses.map(({ status }) => status)).toEqual([502, 502, 200]);
  expect(await figuresOf('tmdb')).toMatchObject({ faults: { status: 2 }, violations: 0 });
});

test('a fault hits the paths that it names alone', async () => {
  await fault('tmdb', 'status', { path: '/movie/' });
  expect((await get(TMDB_SEARCH)).status).toBe(200);
  expect((await get('/tmdb/3/movie/1')).status).toBe(503);
});

test('faults with a probability are the same for the same seed', async () => {
  const round = async (): Promise<number[]> => {
    await control('POST', 'reset');
    await fault('tmdb', 'status', { probability: 0.5 });
    const statuses: number[] = [];
    for (let at = 0; at < 20; at += 1) statuses.push((await get(TMDB_SEARCH)).status);
    return statuses;
  };
  const first = await round();
  expect(new Set(first).size).toBe(2);
  expect(await round()).toEqual(first);
});

test.each(['reset_before_headers', 'reset_in_body', 'gzip_error'])('%s breaks the exchange', async (kind) => {
  await fault('tmdb', kind);
  await expect(get(TMDB_SEARCH).then((response) => response.text())).rejects.toThrow();
});

test('a hanging request gives nothing until the client leaves', async () => {
  await fault('tmdb', 'hang');
  await expect(get(TMDB_SEARCH, HEADERS, AbortSignal.timeout(50))).rejects.toThrow(/timeout/);
});

test.each(['truncated', 'html'])('%s is no JSON, with status 200', async (kind) => {
  await fault('tmdb', kind);
  const response = await get(TMDB_SEARCH);
  expect(response.status).toBe(200);
  await expect(response.json()).rejects.toThrow(/JSON/);
});

test('a slow body takes its time, an oversize one its bytes', async () => {
  await fault('tmdb', 'slow_body', { ms: 200, count: 1 });
  const began = performance.now();
  expect(await (await get(TMDB_SEARCH)).json()).toHaveProperty('results');
  expect(performance.now() - began).toBeGreaterThan(150);
  await fault('tmdb', 'oversize', { bytes: 1_000_000, count: 1 });
  expect((await (await get(TMDB_SEARCH)).text()).length).toBeGreaterThan(1_000_000);
});

test('a rate refusal names the time that the fault says, a quota refusal the reason', async () => {
  const token = await newToken();
  await fault('spotify', 'rate_limited', { retry_after: 81_654, count: 1 });
  expect((await get(SPOTIFY_SEARCH, token)).headers.get('retry-after')).toBe('81654');
  await fault('spotify', 'quota_exceeded', { count: 1 });
  const quota = await get(SPOTIFY_SEARCH, token);
  expect(quota.headers.has('retry-after')).toBe(false);
  expect(await quota.json()).toMatchObject({ error: { reason: 'QUOTA_EXCEEDED' } });
});

test('shed load is refused with the zone of the whole service and a Retry-After of zero', async () => {
  await fault('musicbrainz', 'shed', { count: 1 });
  const { status, headers } = await get(MUSICBRAINZ_SEARCH);
  expect([status, headers.get('x-ratelimit-zone'), headers.get('retry-after')]).toEqual([
    503,
    'search-global',
    '0',
  ]);
});

test('token requests meet the faults of tokens and are no requests', async () => {
  const ask = (): Promise<Response> =>
    fetch(`${sandbox.url}/spotify-accounts/api/token`, {
      method: 'POST',
      headers: { authorization: 'Basic aWQ6c2VjcmV0' },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
  await fault('spotify', 'token_unavailable', { count: 1 });
  await fault('spotify', 'invalid_client', { count: 1 });
  await fault('spotify', 'token_expiry', { seconds: 1, count: 1 });
  const [away, refused, short] = [await ask(), await ask(), await ask()];
  expect(away.status).toBe(503);
  expect(await refused.json()).toMatchObject({ error: 'invalid_client' });
  expect(await short.json()).toMatchObject({ expires_in: 1 });
  expect(await figuresOf('spotify')).toMatchObject({ token_requests: 3, requests: 0 });
});

test.each([
  ['tmdb', TMDB_SEARCH],
  ['musicbrainz', MUSICBRAINZ_SEARCH],
  ['coverartarchive', COVER],
  ['deezer', DEEZER_SEARCH],
  ['lastfm', LASTFM_INFO],
  ['spotify', SPOTIFY_SEARCH],
])('%s answers differently under every distortion', async (provider, path) => {
  const headers = { ...HEADERS, ...(provider === 'spotify' ? await newToken() : {}) };
  const bodyOf = async (): Promise<string> => (await get(path, headers)).text();
  const good = (await bodyOf()).replace(/"created":"[^"]*"/, '');
  for (const kind of ['empty', 'wrong_answer', 'oddities', 'contract']) {
    await fault(provider, kind, { count: 1 });
    expect((await bodyOf()).replace(/"created":"[^"]*"/, '')).not.toBe(good);
  }
  expect((await bodyOf()).replace(/"created":"[^"]*"/, '')).toBe(good);
});

test('duplicates come twice under the same id, and a refused token in the words of the service', async () => {
  await fault('tmdb', 'duplicates', { count: 1 });
  const { results } = (await (await get(TMDB_SEARCH)).json()) as { results: { id: number }[] };
  expect(new Set(results.map(({ id }) => id)).size).toBe(results.length / 2);
  await fault('spotify', 'unauthorized');
  const refused = await get(SPOTIFY_SEARCH, await newToken());
  expect([refused.status, await refused.json()]).toEqual([
    401,
    { error: { status: 401, message: 'The access token expired' } },
  ]);
});

test('a fault is met once a request, where its redirects lead', async () => {
  await fault('coverartarchive', 'status', { count: 1 });
  expect((await get(COVER)).status).toBe(503);
  expect(await (await get(COVER)).json()).toHaveProperty('images');
  expect(await figuresOf('coverartarchive')).toMatchObject({
    requests: 2,
    faults: { status: 1 },
    by_status: { 307: 2, 302: 2, 503: 1, 200: 1 },
  });
});

test('a moved id is gone at TMDB and another one at MusicBrainz', async () => {
  const [movie] = ((await (await get(TMDB_SEARCH)).json()) as { results: { id: number }[] }).results;
  await fault('tmdb', 'moved');
  expect((await get(`/tmdb/3/movie/${String(movie?.id)}`)).status).toBe(404);
  const found = (await (await get(MUSICBRAINZ_SEARCH)).json()) as { recordings: { id: string }[] };
  const id = found.recordings[0]?.id ?? '';
  await fault('musicbrainz', 'moved');
  const moved = (await (await get(`/musicbrainz/ws/2/recording/${id}?fmt=json`)).json()) as { id: string };
  expect(moved.id).not.toBe(id);
});

test('the log has the exact URLs without the values of keys', async () => {
  await get(TMDB_SEARCH);
  await get(LASTFM_INFO);
  const log = (await control('GET', 'log')) as { url: string; status: number }[];
  expect(log.map(({ url, status }) => [url, status])).toEqual([
    [TMDB_SEARCH, 200],
    [LASTFM_INFO.replace('hidden', '…'), 200],
  ]);
});

test('the truth names the right ids of every row', async () => {
  const movies = (await control('GET', 'truth?provider=tmdb')) as { title: string; ids: string[] }[];
  expect(movies).toHaveLength(3_200);
  const [found] = ((await (await get(TMDB_SEARCH)).json()) as { results: { id: number }[] }).results;
  expect(movies.find(({ title }) => title === 'Fight Club')?.ids).toEqual([String(found?.id)]);
});

test('what the control endpoint does not understand is refused with the reason', async () => {
  expect(await fault('tmdb', 'nothing')).toMatchObject({ error: expect.stringContaining('kind') as string });
  expect(await control('GET', 'nothing')).toMatchObject({
    error: expect.stringContaining('GET /stats') as string,
  });
});
