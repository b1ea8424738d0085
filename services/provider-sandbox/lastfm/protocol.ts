import { listenersOf } from '../catalogue/track.ts';
import type { Track } from '../catalogue/track.ts';
import type { Protocol, Refusal, Reply, SandboxRequest } from '../protocol.ts';
import { distort } from './distort.ts';
import { Scrobbles } from './scrobbles.ts';
import { artistUrl, filedArtist, infoOf, lastfmUrlOf, searchMatchOf } from './wire.ts';
import type { Scrobbled } from './wire.ts';

const json = (status: number, body: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body,
});

const failure = (status: number, error: number, message: string): Reply =>
  json(status, { error, message, links: [] });

/** An error of the query, in an answer that says it went well. */
const notFound = (): Reply => failure(200, 6, 'Track not found');

/** Last.fm's web service, as far as tracks go. */
export class LastfmProtocol implements Protocol {
  readonly provider = 'lastfm';
  readonly announcesRetryAfter = false;
  readonly distort = distort;
  readonly #scrobbles: Scrobbles;
  /** The albums that a recording is on, live ones included: the service names any of them. */
  readonly #albums = new Map<string, Track[]>();

  constructor(tracks: readonly Track[]) {
    const known = tracks.filter((track) => track.knownTo.has('lastfm'));
    this.#scrobbles = new Scrobbles(known);
    for (const track of known)
      this.#albums.set(track.rowId, [...(this.#albums.get(track.rowId) ?? []), track]);
  }

  answer(request: SandboxRequest): Reply {
    const { query } = request;
    if (!query.has('api_key')) return this.refuse({ kind: 'auth' });
    const method = query.get('method')?.toLowerCase();
    if (method === 'track.getinfo') return this.#info(query);
    if (method === 'track.search') return this.#search(query);
    if (method === 'track.getcorrection') return this.#correction(query);
    if (method === 'track.gettoptags') return this.#topTags(query);
    return failure(400, 3, 'Invalid Method - No method with that name in this package');
  }

  refuse(refusal: Refusal): Reply {
    if (refusal.kind === 'auth') {
      return failure(403, 10, 'Invalid API key - You must be granted a valid key by last.fm');
    }
    if (refusal.kind === 'status' || refusal.kind === 'shed') {
      const status = refusal.status ?? 503;
      return status === 500
        ? failure(500, 8, 'Operation failed - Most likely the backend service failed. Please try again.')
        : failure(status, 11, 'Service Offline - This service is temporarily offline. Try again later.');
    }
    return failure(
      429,
      29,
      'Rate Limit Exceeded - This application has made too many requests in a short period',
    );
  }

  /** The pair as it is known; with `autocorrect` under its right spelling, which the answer alone tells. */
  #resolve(query: URLSearchParams): Scrobbled | undefined {
    const artist = query.get('artist') ?? '';
    const title = query.get('track') ?? '';
    const exact = this.#scrobbles.exact(artist, title);
    const track =
      exact ?? (query.get('autocorrect') === '1' ? this.#scrobbles.corrected(artist, title) : undefined);
    if (track === undefined) return this.#scrobbles.ghost(artist, title);
    return { artist: filedArtist(track), title: track.title, listeners: listenersOf(track), track };
  }

  #info(query: URLSearchParams): Reply {
    if ((query.get('artist') ?? '') === '' || (query.get('track') ?? '') === '') {
      return failure(400, 6, 'Invalid parameters - Your request is missing a required parameter');
    }
    const found = this.#resolve(query);
    if (found === undefined) return notFound();
    const albums = found.track === undefined ? [] : (this.#albums.get(found.track.rowId) ?? []);
    const own = albums.filter((track) => track.artists[0] === found.track?.artists[0]);
    return json(200, infoOf(found, own[found.listeners % Math.max(1, own.length)]));
  }

  #search(query: URLSearchParams): Reply {
    const limit = Number(query.get('limit') ?? '30');
    const page = Number(query.get('page') ?? '1');
    const found = this.#scrobbles.search(query.get('track') ?? '', query.get('artist') ?? undefined);
    return json(200, {
      results: {
        'opensearch:Query': { '#text': '', role: 'request', startPage: String(page) },
        'opensearch:totalResults': String(found.length),
        'opensearch:startIndex': String((page - 1) * limit),
        'opensearch:itemsPerPage': String(limit),
        trackmatches: { track: found.slice((page - 1) * limit, page * limit).map(searchMatchOf) },
        '@attr': {},
      },
    });
  }

  #correction(query: URLSearchParams): Reply {
    const artist = query.get('artist') ?? '';
    const title = query.get('track') ?? '';
    const exact = this.#scrobbles.exact(artist, title);
    const track = exact ?? this.#scrobbles.corrected(artist, title);
    if (track === undefined) return json(200, { corrections: '\n   ' });
    const corrected = (from: string, to: string): string => (from === to ? '0' : '1');
    return json(200, {
      corrections: {
        correction: {
          track: {
            name: track.title,
            url: lastfmUrlOf(track),
            artist: { name: filedArtist(track), url: artistUrl(filedArtist(track)) },
          },
          '@attr': {
            index: '0',
            artistcorrected: corrected(artist, filedArtist(track)),
            trackcorrected: corrected(title, track.title),
          },
        },
      },
    });
  }

  #topTags(query: URLSearchParams): Reply {
    const found = this.#resolve(query);
    if (found === undefined) return notFound();
    const tags =
      found.track === undefined
        ? []
        : [
            { name: found.track.genre, count: 100 },
            { name: 'seen live', count: 21 },
          ];
    return json(200, {
      toptags: { tag: tags, '@attr': { artist: found.artist, track: found.title } },
    });
  }
}
