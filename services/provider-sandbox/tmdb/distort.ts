import type { Distortion } from '../faults.ts';

type Body = Record<string, unknown>;

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null;

const LISTS = ['results', 'movie_results'] as const;
const listIn = (body: Body): (typeof LISTS)[number] | undefined =>
  LISTS.find((name) => Array.isArray(body[name]));

/** The movies of a search or a find, or the one of a look-up. */
function moviesIn(body: Body): Body[] {
  const name = listIn(body);
  return name === undefined ? [body] : (body[name] as unknown[]).filter(isBody);
}

function strange(movie: Body): void {
  movie['id'] = Number(movie['id']) + 5_000_000;
  movie['title'] = 'A Film That Nobody Asked For';
  movie['original_title'] = movie['title'];
}

function odd(movie: Body): void {
  Object.assign(movie, { release_date: '', poster_path: null, backdrop_path: null, overview: '' });
  if ('runtime' in movie)
    Object.assign(movie, { runtime: null, imdb_id: '', homepage: '', budget: 0, revenue: 0 });
  Reflect.deleteProperty(movie, 'origin_country');
}

/** Changes the body of a search, a find or a look-up. */
export function distort(kind: Distortion, body: unknown): unknown {
  if (!isBody(body) || 'images' in body) return body;
  const list = listIn(body);
  switch (kind) {
    case 'empty':
      return list === undefined
        ? undefined
        : { ...body, [list]: [], ...('page' in body ? { total_results: 0, total_pages: 1 } : {}) };
    case 'wrong_answer':
      moviesIn(body).forEach(strange);
      return body;
    case 'oddities':
      moviesIn(body).forEach(odd);
      return body;
    case 'contract':
      return list === undefined
        ? { ...body, id: { value: body['id'] } }
        : { ...body, [list]: { 0: body[list] } };
    case 'duplicates':
      return list === undefined
        ? body
        : { ...body, [list]: [...(body[list] as unknown[]), ...(body[list] as unknown[])] };
    case 'moved':
      return list === undefined ? undefined : body;
  }
}
