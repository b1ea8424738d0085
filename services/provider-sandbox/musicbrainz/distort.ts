import type { Distortion } from '../faults.ts';
import { uuid } from '../random.ts';

type Body = Record<string, unknown>;

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null;

/** The recordings of a search or an ISRC, or the one of a look-up. */
const recordingsIn = (body: Body): Body[] =>
  Array.isArray(body['recordings']) ? (body['recordings'] as unknown[]).filter(isBody) : [body];

function strange(recording: Body): void {
  recording['id'] = uuid(`stranger:${String(recording['id'])}`);
  recording['title'] = 'A Song That Nobody Asked For';
  recording['artist-credit'] = [
    {
      name: 'Somebody Else',
      artist: { id: uuid('stranger'), name: 'Somebody Else', 'sort-name': 'Else, Somebody' },
    },
  ];
}

/** The shape of older answers: score as text, codes as objects, nothing but what must be there. */
function odd(recording: Body): void {
  if ('score' in recording) recording['score'] = String(recording['score']);
  const isrcs = recording['isrcs'];
  if (Array.isArray(isrcs)) recording['isrcs'] = isrcs.map((id: unknown) => ({ id }));
  for (const member of ['length', 'video', 'tags', 'disambiguation'])
    Reflect.deleteProperty(recording, member);
  recording['first-release-date'] = '';
  for (const part of (recording['artist-credit'] as Body[] | undefined) ?? [])
    Reflect.deleteProperty(part, 'name');
}

/** Changes the body of a search or a look-up. */
export function distort(kind: Distortion, body: unknown): unknown {
  if (!isBody(body)) return body;
  const list = Array.isArray(body['recordings']) ? (body['recordings'] as unknown[]) : undefined;
  switch (kind) {
    case 'empty':
      return 'count' in body ? { ...body, count: 0, recordings: [] } : undefined;
    case 'wrong_answer':
      recordingsIn(body).forEach(strange);
      return body;
    case 'oddities':
      recordingsIn(body).forEach(odd);
      return body;
    case 'contract':
      return list === undefined
        ? { ...body, id: undefined, mbid: body['id'] }
        : { ...body, recordings: { 0: list } };
    case 'duplicates':
      return list === undefined ? body : { ...body, recordings: [...list, ...list] };
    case 'moved':
      // A merged recording answers under the id that survived.
      if (list === undefined) body['id'] = uuid(`merged:${String(body['id'])}`);
      return body;
  }
}
