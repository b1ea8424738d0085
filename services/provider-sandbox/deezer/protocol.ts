import { TextIndex, words } from '../catalogue/text-index.ts';
import type { Track } from '../catalogue/track.ts';
import type { Protocol, Refusal, Reply, SandboxRequest } from '../protocol.ts';
import { distort } from './distort.ts';
import { deezerIdOf, foundOf, fullOf } from './wire.ts';

const HIGHEST_LIMIT = 100;
/** A filter such as `artist:"Queen"`; where there is one, the words outside of it count for nothing. */
const FILTER = /\b(?:artist|track|album|label):"([^"]*)"/g;

const json = (status: number, body: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body,
});

/** Whatever went wrong, the answer says that it went well. */
const failure = (code: number, type: string, message: string): Reply =>
  json(200, { error: { type, message, code } });

const noData = (): Reply => failure(800, 'DataException', 'no data');

/** Deezer's API, as far as tracks go. It asks for no key. */
export class DeezerProtocol implements Protocol {
  readonly provider = 'deezer';
  readonly announcesRetryAfter = false;
  readonly distort = distort;
  readonly #tracks: readonly Track[];
  readonly #byId = new Map<string, Track>();
  readonly #byIsrc = new Map<string, Track>();
  readonly #index = new TextIndex();

  constructor(tracks: readonly Track[]) {
    this.#tracks = tracks.filter((track) => track.knownTo.has('deezer'));
    this.#tracks.forEach((track, document) => {
      this.#byId.set(String(deezerIdOf(track)), track);
      // A code that several tracks carry names one of them here.
      if (!this.#byIsrc.has(track.isrc)) this.#byIsrc.set(track.isrc, track);
      this.#index.add(document, `${track.artists.join(' ')} ${track.title} ${track.album}`);
    });
  }

  answer({ path, query }: SandboxRequest): Reply {
    if (path === '/search/track' || path === '/search') return this.#search(query);
    const [, isrc, id] = /^\/track\/(?:isrc:([^/]+)|(\d+))$/.exec(path) ?? [];
    if (isrc === undefined && id === undefined) {
      return failure(600, 'InvalidQueryException', 'Unknown path components');
    }
    const track = isrc === undefined ? this.#byId.get(id ?? '') : this.#byIsrc.get(isrc);
    return track === undefined ? noData() : json(200, fullOf(track));
  }

  refuse(refusal: Refusal): Reply {
    switch (refusal.kind) {
      case 'rate':
      case 'quota':
        return failure(4, 'Exception', 'Quota limit exceeded');
      case 'shed':
        return failure(700, 'Exception', 'Service busy');
      case 'auth':
        return failure(300, 'OAuthException', 'Invalid OAuth access token.');
      case 'status':
        return refusal.status === 404 ? noData() : json(refusal.status ?? 503, {});
    }
  }

  #search(query: URLSearchParams): Reply {
    const q = query.get('q') ?? '';
    const limit = Number(query.get('limit') ?? '25');
    const from = Number(query.get('index') ?? '0');
    if (q.trim() === '') return failure(501, 'MissingParameterException', 'Missing parameters: q');
    if (!(limit >= 0 && from >= 0)) return failure(500, 'ParameterException', 'Wrong parameter');
    if (limit > HIGHEST_LIMIT) return failure(100, 'Exception', 'Items limit exceeded');
    const found = this.#find(q);
    const next = new URLSearchParams({ q, limit: String(limit), index: String(from + limit) }).toString();
    return json(200, {
      data: found.slice(from, from + limit).map(foundOf),
      total: found.length,
      ...(from + limit < found.length ? { next: `https://api.deezer.com/search/track?${next}` } : {}),
    });
  }

  /** Loose: half of the words are enough, and what many people hear stands before what was meant. */
  #find(q: string): Track[] {
    const filters = [...q.matchAll(FILTER)].map(([, value]) => value ?? '');
    const asked = words(filters.length > 0 ? filters.join(' ') : q);
    return this.#index
      .find(asked, { least: 0.5, typos: true })
      .flatMap(({ document, share }) => {
        const track = this.#tracks[document];
        return track === undefined ? [] : { track, document, score: share * 100 + track.popularity * 0.5 };
      })
      .sort((a, b) => b.score - a.score || a.document - b.document)
      .map(({ track }) => track);
  }
}
