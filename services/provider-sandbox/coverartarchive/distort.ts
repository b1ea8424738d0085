import type { Distortion } from '../faults.ts';
import { uuid } from '../random.ts';

type Body = Record<string, unknown>;

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null;

/** Ids as text, no encryption, no sizes, nothing that need not be there. */
function odd(image: Body): void {
  image['id'] = String(image['id']);
  image['image'] = String(image['image']).replace('https:', 'http:');
  image['thumbnails'] = {};
  for (const member of ['approved', 'comment', 'types']) Reflect.deleteProperty(image, member);
}

/** Changes a list of pictures. */
export function distort(kind: Distortion, body: unknown): unknown {
  const images = isBody(body) ? body['images'] : undefined;
  if (!isBody(body) || !Array.isArray(images)) return body;
  const list: unknown[] = images;
  switch (kind) {
    case 'empty':
      return { ...body, images: [] };
    case 'wrong_answer': {
      const other = uuid(`stranger:${String(body['release'])}`);
      return { ...body, release: `https://musicbrainz.org/release/${other}` };
    }
    case 'oddities':
      list.filter(isBody).forEach(odd);
      return body;
    case 'contract':
      return { ...body, images: { 0: list } };
    case 'duplicates':
      return { ...body, images: [...list, ...list] };
    case 'moved':
      return undefined;
  }
}
