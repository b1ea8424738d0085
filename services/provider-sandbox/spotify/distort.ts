import { base62Id } from '../random.ts';
import type { Distortion } from '../faults.ts';

type Body = Record<string, unknown>;

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null;

/** The tracks of a search, or the one of a look-up. */
function tracksIn(body: Body): Body[] {
  const paging = body['tracks'];
  if (!isBody(paging)) return [body];
  return Array.isArray(paging['items']) ? paging['items'].filter(isBody) : [];
}

function strange(track: Body): void {
  track['id'] = base62Id(`stranger:${String(track['id'])}`);
  track['name'] = 'A Song That Nobody Asked For';
  track['artists'] = [{ id: base62Id('stranger'), name: 'Somebody Else', type: 'artist' }];
}

/** What differs between app modes and times; every form has been seen. */
function odd(track: Body): void {
  for (const member of ['external_ids', 'popularity', 'is_playable', 'preview_url'])
    Reflect.deleteProperty(track, member);
  track['available_markets'] = [];
  const album = track['album'];
  if (isBody(album))
    Object.assign(album, { release_date: '0000', release_date_precision: 'year', images: [] });
}

function broken(body: Body): Body {
  const paging = body['tracks'];
  if (!isBody(paging)) return { ...body, name: undefined, title: body['name'] };
  return { tracks: { ...paging, items: { 0: paging['items'] } } };
}

/** Changes the body of a search or a look-up. */
export function distort(kind: Distortion, body: unknown): unknown {
  if (!isBody(body)) return body;
  const paging = body['tracks'];
  switch (kind) {
    case 'empty':
      return isBody(paging) ? { tracks: { ...paging, items: [], total: 0, next: null } } : undefined;
    case 'wrong_answer':
      tracksIn(body).forEach(strange);
      return body;
    case 'oddities':
      tracksIn(body).forEach(odd);
      return body;
    case 'contract':
      return broken(body);
    case 'duplicates':
      if (isBody(paging) && Array.isArray(paging['items']))
        paging['items'] = [...(paging['items'] as unknown[]), ...(paging['items'] as unknown[])];
      return body;
    case 'moved':
      return isBody(paging) ? body : undefined;
  }
}
