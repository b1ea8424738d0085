import type { Distortion } from '../faults.ts';

type Body = Record<string, unknown>;

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null;

const NOT_FOUND = { error: 6, message: 'Track not found', links: [] } as const;

function strange(track: Body): void {
  track['name'] = 'A Song That Nobody Asked For';
  track['artist'] = isBody(track['artist']) ? { name: 'Somebody Else', url: '' } : 'Somebody Else';
}

/** One tag is an object, none is an empty text, and numbers come as numbers. */
function odd(track: Body): void {
  track['toptags'] = '';
  track['mbid'] = '';
  track['listeners'] = Number(track['listeners']);
  Reflect.deleteProperty(track, 'album');
  Reflect.deleteProperty(track, 'wiki');
}

function matchesIn(body: Body): unknown[] | undefined {
  const results = body['results'];
  const matches = isBody(results) ? results['trackmatches'] : undefined;
  const tracks = isBody(matches) ? matches['track'] : undefined;
  return Array.isArray(tracks) ? (tracks as unknown[]) : undefined;
}

const withMatches = (body: Body, track: unknown): Body => ({
  results: { ...(body['results'] as Body), trackmatches: { track } },
});

/** Changes the body of a search; a look-up has one track and no list. */
export function distort(kind: Distortion, body: unknown): unknown {
  if (!isBody(body) || 'error' in body) return body;
  const matches = matchesIn(body);
  const track = body['track'];
  switch (kind) {
    case 'empty':
      return matches === undefined ? NOT_FOUND : withMatches(body, []);
    case 'wrong_answer':
      for (const one of matches ?? [track]) if (isBody(one)) strange(one);
      return body;
    case 'oddities':
      if (matches !== undefined) return withMatches(body, matches[0] ?? '');
      if (isBody(track)) odd(track);
      return body;
    case 'contract':
      return matches === undefined ? { ...body, track: [track] } : { results: { matches } };
    case 'duplicates':
      return matches === undefined ? body : withMatches(body, [...matches, ...matches]);
    case 'moved':
      return matches === undefined ? NOT_FOUND : body;
  }
}
