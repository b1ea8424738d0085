import type { MovieCandidate, MovieQuery } from '../../matching/candidate.ts';
import { ProviderError } from '../../task/provider-error.ts';
import type { ApiRequest, ApiResponse, Call } from '../provider.ts';
import { tmdbClient } from './client.ts';
import { ladder } from './ladder.ts';
import { detailedCandidate, toCandidate } from './mapping.ts';
import { certification, datesByCountry } from './release-dates.ts';
import { detailsResponse, searchResponse, type Details, type Movie } from './responses.ts';
import { baseTitle, searchTitle } from './search-title.ts';

const TOKEN = 'not-a-real-token';
const client = tmdbClient({
  baseUrl: 'https://tmdb.example/3',
  token: TOKEN,
  language: 'sv-SE',
  userAgent: 'tests/1.0',
});

const movie = (more: Partial<Movie> = {}): Movie => ({ id: 7, title: 'Low Tide', ...more });

const answer = (status: number, body: unknown, headers: Record<string, string> = {}): ApiResponse => ({
  status,
  headers: new Headers(headers),
  text: typeof body === 'string' ? body : JSON.stringify(body),
  json: typeof body === 'string' ? undefined : body,
});
const failure = (status: number, code: number, message = 'Refused.') =>
  answer(status, { success: false, status_code: code, status_message: message });

function faultOf(response: ApiResponse): ProviderError {
  const verdict = client.search('x').classify(response);
  if (!(verdict instanceof ProviderError)) throw new Error(`expected a fault, got ${verdict}`);
  return verdict;
}

describe('requests', () => {
  test('hold the token in a header alone', async () => {
    const request = client.details('7');
    const headers = await request.authorize?.(request.url, new AbortController().signal);
    expect(headers).toEqual({ authorization: `Bearer ${TOKEN}` });
    expect(JSON.stringify([request.url, request.key, request.headers])).not.toContain(TOKEN);
  });

  test('are named by host, path and language, since each changes the answer', () => {
    expect(client.search('Låg & tid', 2001).key).toBe(
      'tmdb.example/3/search/movie?query=L%C3%A5g+%26+tid&include_adult=false&primary_release_year=2001&page=1&language=sv-SE',
    );
  });

  test('ask for no more parts at once than the service allows', () => {
    const parts = client.details('7').url.searchParams.get('append_to_response')?.split(',') ?? [];
    expect(new Set(parts).size).toBe(parts.length);
    expect(parts.length).toBeLessThanOrEqual(20);
  });
});

describe('faults', () => {
  test.each<[string, ApiResponse, string]>([
    ['no permission (3)', failure(401, 3), 'auth'],
    ['invalid parameters (5)', failure(422, 5), 'bad_request'],
    ['invalid key (7)', failure(401, 7), 'auth'],
    ['offline (9)', failure(503, 9), 'unavailable'],
    ['suspended key (10)', failure(401, 10), 'auth'],
    ['internal error (11)', failure(500, 11), 'unavailable'],
    ['failed (15)', failure(500, 15), 'unavailable'],
    ['validation failed (18)', failure(400, 18), 'bad_request'],
    ['accept header (19)', failure(406, 19), 'bad_request'],
    ['page out of range (22)', failure(400, 22), 'bad_request'],
    ['backend too slow (24)', failure(504, 24), 'unavailable'],
    ['over the limit (25)', failure(429, 25), 'rate_limited'],
    ['over the limit under another status', failure(400, 25), 'rate_limited'],
    ['too many parts (27)', failure(400, 27), 'bad_request'],
    ['request token (33)', failure(401, 33), 'auth'],
    ['backend away (43)', failure(502, 43), 'unavailable'],
    ['invalid id, though it comes as 500 (44)', failure(500, 44), 'bad_request'],
    ['maintenance (46)', failure(503, 46), 'unavailable'],
    ['maintenance that comes as 200', failure(200, 46), 'unavailable'],
    ['a code that nobody lists, as 200', failure(200, 999), 'bad_request'],
    ['a code that nobody lists, as 500', failure(500, 999), 'unavailable'],
    ['the limit of the edge, in HTML', answer(429, '<html>'), 'rate_limited'],
    ['a block by the edge', answer(403, { message: 'Forbidden' }), 'forbidden'],
    ['a search that is not there (34)', failure(404, 34), 'bad_request'],
    ['HTML with 200', answer(200, '<html>'), 'unavailable'],
  ])('%s', (_claim, response, kind) => {
    expect(faultOf(response)).toMatchObject({ kind, status: response.status });
  });

  test('the limit without Retry-After names no time, and that with it is obeyed', () => {
    expect(faultOf(failure(429, 25)).retryAfterMs).toBeUndefined();
    expect(faultOf(answer(429, '<html>', { 'retry-after': '3' })).retryAfterMs).toBe(3_000);
  });

  test('a wait that comes with maintenance is kept', () => {
    const offline = { success: false, status_code: 46, status_message: 'Maintenance.' };
    expect(faultOf(answer(503, offline, { 'retry-after': '60' })).retryAfterMs).toBe(60_000);
  });

  test('a message that repeats the key does not put it into the error', () => {
    const long = `eyJ${'a'.repeat(60)}`;
    expect(faultOf(failure(401, 7, `Invalid API key: ${long}`)).message).not.toContain(long);
  });

  test.each([6, 34])(
    'details of an id that is gone are a miss (%i), a gateway that lost its way is not',
    (code) => {
      expect(client.details('7').classify(failure(404, code))).toBe('miss');
      expect(client.details('7').classify(answer(404, '<html>'))).toMatchObject({ kind: 'unavailable' });
    },
  );
});

describe('titles', () => {
  test.each([
    ['King of Tides (1933)', 'King of Tides'],
    ['Tide, The', 'The Tide'],
    ['Tide’s  End³', 'Tide’s End³'],
    ['(1408)', '(1408)'],
    ['2046', '2046'],
  ])('%s is searched as %s', (title, searched) => {
    expect(searchTitle(title)).toBe(searched);
  });

  test.each([
    ['Low Tide: The Return', 'Low Tide'],
    ['Low Tide – Part 2', 'Low Tide'],
    ['Low Tide (IMAX)', 'Low Tide'],
    ['Spider-Tide', 'Spider-Tide'],
    [': beginnings', ': beginnings'],
  ])('the base of %s is %s', (title, base) => {
    expect(baseTitle(title)).toBe(base);
  });
});

describe('candidates', () => {
  test('say nothing about what is unknown: no date, no picture, no votes, no text', () => {
    const blank = { release_date: '', poster_path: null, overview: '', vote_average: 0, vote_count: 0 };
    const { fields, ...candidate } = toCandidate(movie(blank));
    expect(Object.keys(fields).sort()).toEqual(['title', 'tmdb_id', 'tmdb_url']);
    expect(candidate).toEqual({ id: '7', title: 'Low Tide', otherTitles: [], votes: 0 });
  });

  test('take no picture from a path that is none', () => {
    expect(toCandidate(movie({ poster_path: '/../x?y' })).fields).not.toHaveProperty('artwork_url');
  });

  test('know a movie by its original and alternative titles, each once', () => {
    const details: Details = {
      ...movie({ original_title: 'Ebb' }),
      alternative_titles: { titles: [{ title: 'Ebb' }, { title: 'Marea' }, { title: 'Low Tide' }] },
    };
    expect(detailedCandidate(details).otherTitles).toEqual(['Ebb', 'Marea']);
  });

  test('name ten actors in the order of billing, and directors once each', () => {
    const cast = Array.from({ length: 12 }, (_, index) => ({
      name: `Actor ${11 - index}`,
      order: 11 - index,
    }));
    const crew = ['Director', 'Editor', 'Director'].map((job) => ({ name: 'Ada', job }));
    const { fields } = detailedCandidate({ ...movie(), credits: { cast, crew } });
    expect(fields['cast']).toEqual(Array.from({ length: 10 }, (_, index) => ({ name: `Actor ${index}` })));
    expect(fields['directors']).toEqual(['Ada']);
  });

  test('leave out amounts, running times and pages that say nothing', () => {
    const { fields } = detailedCandidate({
      ...movie(),
      budget: 0,
      revenue: 0,
      runtime: null,
      homepage: 'javascript:1',
    });
    for (const name of ['budget', 'revenue', 'runtime_min', 'homepage'])
      expect(fields).not.toHaveProperty(name);
  });

  test('take the IMDb id from wherever it is told, and no text that is none', () => {
    const external = detailedCandidate({ ...movie(), imdb_id: '', external_ids: { imdb_id: 'tt0200300' } });
    expect(external.fields['imdb_id']).toBe('tt0200300');
    expect(detailedCandidate({ ...movie(), imdb_id: 'none' }).imdbId).toBeUndefined();
  });

  test('are read from the cache as they were read from the wire', () => {
    const once = detailsResponse.parse({
      id: '7',
      title: 'Low Tide',
      runtime: '90',
      budget: '',
      credits: null,
    });
    expect(detailsResponse.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
    expect(once).toMatchObject({ id: 7, runtime: 90 });
    expect(searchResponse.safeParse({ results: [{ id: '', title: 'Low Tide' }] }).success).toBe(false);
  });
});

describe('releases by country', () => {
  const dates = {
    results: [
      {
        iso_3166_1: 'US',
        release_dates: [
          { certification: 'NR', release_date: '1998-05-20T00:00:00.000Z', type: 1 },
          { certification: '', release_date: '1999-03-01T00:00:00.000Z', type: 2 },
          { certification: 'R', release_date: '1999-03-12T00:00:00.000Z', type: 3 },
        ],
      },
      { iso_3166_1: 'BG', release_dates: [{ release_date: '2012-08-28T00:00:00.000Z', type: 4 }] },
      { iso_3166_1: 'XX', release_dates: [{ certification: '', release_date: '', type: 3 }] },
    ],
  };

  test('name the first day in cinemas, or of any form where it never came there', () => {
    expect(datesByCountry(dates)).toEqual({ US: '1999-03-01', BG: '2012-08-28' });
    expect(datesByCountry(undefined)).toBeUndefined();
  });

  test('rate by the theatrical release, else by any that is rated', () => {
    expect(certification(dates, 'US')).toBe('R');
    const premiere = { results: [{ iso_3166_1: 'US', release_dates: [{ certification: 'PG', type: 1 }] }] };
    expect([certification(premiere, 'US'), certification(premiere, 'BG')]).toEqual(['PG', undefined]);
  });
});

describe('the ladder', () => {
  /** Answers searches with these movies and details with more of them; writes down what was asked. */
  function setup(query: MovieQuery, movies: readonly Movie[]) {
    const asked: string[] = [];
    const call: Call = async <T>(request: ApiRequest<T>) => {
      asked.push(request.url.pathname);
      const id = Number(/\/movie\/(\d+)$/.exec(request.url.pathname)?.[1]);
      const found = movies.find((one) => one.id === id);
      return request.schema.parse(
        found === undefined ? { results: movies } : { ...found, runtime: 100 + id },
      );
    };
    const rungs = ladder(client, query, call);
    const climb = async () => {
      const answers: (readonly MovieCandidate[])[] = [];
      for (const rung of rungs) answers.push(await rung.search());
      return answers;
    };
    return { asked, rungs: rungs.map((rung) => rung.name), climb };
  }

  test('has only the rungs that the query gives something to ask by', () => {
    expect(setup({ title: 'Tide' }, []).rungs).toEqual(['title']);
    const whole = { title: 'Tide: Low', year: 2001, imdbId: 'tt0200300', runtimeMin: 90 };
    expect(setup(whole, []).rungs).toEqual(['imdb_id', 'title_in_year', 'title', 'namesakes', 'base_title']);
    expect(setup({ title: 'Tide', imdbId: 'nm0200300' }, []).rungs).toEqual(['title']);
  });

  test('counts a movie once that the search repeats', async () => {
    const [found] = await setup({ title: 'Low Tide' }, [movie(), movie()]).climb();
    expect(found).toHaveLength(1);
  });

  test('asks about the three best known of the same name, and keeps the others in the contest', async () => {
    const namesakes = [1, 2, 3, 4].map((id) => movie({ id, vote_count: id }));
    const { asked, climb } = setup({ title: 'Low Tide', runtimeMin: 90 }, [
      ...namesakes,
      movie({ id: 5, title: 'Tide' }),
    ]);
    const last = (await climb()).at(-1) ?? [];
    expect(asked.slice(1)).toEqual(['/3/movie/4', '/3/movie/3', '/3/movie/2']);
    expect(last.map(({ id, runtimeMin }) => [id, runtimeMin])).toEqual([
      ['4', 104],
      ['3', 103],
      ['2', 102],
      ['1', undefined],
    ]);
  });

  test('does not forget what the details told when it goes on to the base of the title', async () => {
    const query = { title: 'Low Tide: Ebb', runtimeMin: 90 };
    const last = (await setup(query, [movie({ title: 'Low Tide: Ebb' })]).climb()).at(-1);
    expect(last?.map(({ runtimeMin }) => runtimeMin)).toEqual([107]);
  });

  test('offers within the year the movies of the very name alone, and the others beside the whole search', async () => {
    const about = movie({ id: 8, title: 'Low Tide: The Making of' });
    const [inYear, whole] = await setup({ title: 'Low Tide', year: 2001 }, [about, movie()]).climb();
    expect([inYear, whole].map((found) => found?.map(({ id }) => id))).toEqual([['7'], ['8', '7']]);
  });

  test('asks about a namesake of another year only where a director can confirm it', async () => {
    const years = [2001, 2002, 2016].map((year, id) => movie({ id, release_date: `${year}-01-01` }));
    const byRuntime = await setup({ title: 'Low Tide', year: 2001, runtimeMin: 90 }, years).climb();
    const byDirector = await setup({ title: 'Low Tide', year: 2001, director: 'Ada' }, years).climb();
    expect([byRuntime.at(-1)?.length, byDirector.at(-1)?.length]).toEqual([2, 3]);
  });
});
