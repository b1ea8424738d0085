import type { Distortion } from '../faults.ts';

type Body = Record<string, unknown>;

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null;

/** The tracks of a search, or the one of a look-up. */
const tracksIn = (body: Body): Body[] =>
  Array.isArray(body['data']) ? (body['data'] as unknown[]).filter(isBody) : [body];

function strange(track: Body): void {
  track['id'] = Number(track['id']) + 1;
  Object.assign(track, { title: 'A Song That Nobody Asked For', title_version: '' });
  track['artist'] = { id: 1, name: 'Somebody Else', type: 'artist' };
  track['contributors'] = [{ id: 1, name: 'Somebody Else', role: 'Main' }];
}

/** Not offered here, not dated, not measured, no cover. */
function odd(track: Body): void {
  Object.assign(track, { readable: false, duration: 0, bpm: 0, isrc: '', release_date: '0000-00-00' });
  for (const member of ['rank', 'contributors', 'explicit_lyrics']) Reflect.deleteProperty(track, member);
  const album = track['album'];
  if (isBody(album)) Object.assign(album, { cover_xl: null, cover_big: '' });
}

/** Changes the body of a search or a look-up; an error, which comes with HTTP 200 as well, stays as it is. */
export function distort(kind: Distortion, body: unknown): unknown {
  if (!isBody(body) || 'error' in body) return body;
  const list = Array.isArray(body['data']) ? (body['data'] as unknown[]) : undefined;
  switch (kind) {
    case 'empty':
      return list === undefined ? undefined : { data: [], total: 0 };
    case 'wrong_answer':
      tracksIn(body).forEach(strange);
      return body;
    case 'oddities':
      tracksIn(body).forEach(odd);
      return body;
    case 'contract':
      return list === undefined ? { ...body, id: { value: body['id'] } } : { ...body, data: { 0: list } };
    case 'duplicates':
      return list === undefined ? body : { ...body, data: [...list, ...list] };
    case 'moved':
      return list === undefined ? undefined : body;
  }
}
