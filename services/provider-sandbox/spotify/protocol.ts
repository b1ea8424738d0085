import { TextIndex, words } from '../catalogue/text-index.ts';
import type { Track } from '../catalogue/track.ts';
import type { Protocol, Refusal, Reply, SandboxRequest } from '../protocol.ts';
import { distort } from './distort.ts';
import { parseQuery } from './query.ts';
import type { SpotifyQuery } from './query.ts';
import { SpotifyTokens } from './tokens.ts';
import { pagingOf, spotifyIdOf, trackObjectOf } from './wire.ts';

const HIGHEST_LIMIT = 10;
const LAST_OFFSET = 1_000;
const TOKEN_SECONDS = 3_600;

const json = (status: number, body: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body,
});

const failure = (status: number, message: string): Reply => json(status, { error: { status, message } });

interface Entry {
  readonly track: Track;
  readonly title: ReadonlySet<string>;
  readonly artist: ReadonlySet<string>;
  readonly album: ReadonlySet<string>;
}

/** Spotify's Web API in development mode, and its token service. */
export class SpotifyProtocol implements Protocol {
  readonly provider = 'spotify';
  readonly announcesRetryAfter = true;
  readonly distort = distort;
  readonly tokens = new SpotifyTokens();
  readonly #entries: readonly Entry[];
  readonly #index = new TextIndex();
  readonly #byId = new Map<string, Track>();

  constructor(tracks: readonly Track[]) {
    this.#entries = tracks
      .filter((track) => track.knownTo.has('spotify'))
      .map((track) => ({
        track,
        title: new Set(words(track.title)),
        artist: new Set(words(track.artists.join(' '))),
        album: new Set(words(track.album)),
      }));
    this.#entries.forEach(({ track }, document) => {
      this.#index.add(document, `${track.artists.join(' ')} ${track.title} ${track.album}`);
      this.#byId.set(spotifyIdOf(track), track);
    });
  }

  /** `POST /api/token`. Any client is known here; a wrong one is a fault that is switched on. */
  token(request: SandboxRequest, lifetimeSeconds = TOKEN_SECONDS): Reply {
    const form = new URLSearchParams(request.body);
    const identified =
      String(request.headers['authorization'] ?? '').startsWith('Basic ') || form.has('client_id');
    if (request.method !== 'POST') return json(405, { error: 'invalid_request' });
    if (!identified) return json(400, { error: 'invalid_client', error_description: 'Invalid client' });
    if (form.get('grant_type') !== 'client_credentials') {
      return json(400, {
        error: 'unsupported_grant_type',
        error_description: 'grant_type is missing or unknown',
      });
    }
    const token = this.tokens.issue(lifetimeSeconds);
    return json(200, { access_token: token, token_type: 'Bearer', expires_in: lifetimeSeconds });
  }

  answer(request: SandboxRequest): Reply {
    const refusal = this.#authorize(request);
    if (refusal !== undefined) return refusal;
    if (request.path === '/search') return this.#search(request.query);
    const id = /^\/tracks\/([^/]+)$/.exec(request.path)?.[1];
    if (id === undefined) return failure(404, 'Resource not found');
    if (!/^[0-9A-Za-z]{22}$/.test(id)) return failure(400, 'invalid id');
    const track = this.#byId.get(id);
    if (track === undefined) return failure(404, `Non existing id: 'spotify:track:${id}'`);
    return json(200, trackObjectOf(track, request.query.get('market')));
  }

  refuse(refusal: Refusal): Reply {
    if (refusal.kind === 'auth') return failure(401, 'The access token expired');
    if (refusal.kind === 'status' || refusal.kind === 'shed') {
      const status = refusal.status ?? 503;
      return failure(status, status === 404 ? 'Resource not found' : 'Server error');
    }
    if (refusal.kind === 'quota') {
      return json(429, { error: { status: 429, message: 'Too many requests', reason: 'QUOTA_EXCEEDED' } });
    }
    return failure(429, 'API rate limit exceeded');
  }

  #authorize(request: SandboxRequest): Reply | undefined {
    const header = String(request.headers['authorization'] ?? '');
    if (header === '') return failure(401, 'No token provided');
    if (!header.startsWith('Bearer ')) return failure(400, 'Only valid bearer authentication supported');
    const state = this.tokens.stateOf(header.slice('Bearer '.length));
    if (state === 'expired') return failure(401, 'The access token expired');
    return state === 'unknown' ? failure(401, 'Invalid access token') : undefined;
  }

  #search(query: URLSearchParams): Reply {
    const q = query.get('q') ?? '';
    const limit = Number(query.get('limit') ?? '5');
    const offset = Number(query.get('offset') ?? '0');
    if (q.trim() === '') return failure(400, 'No search query');
    if (!(limit >= 1 && limit <= HIGHEST_LIMIT && Number.isInteger(limit)))
      return failure(400, 'Invalid limit');
    if (!(offset >= 0 && offset <= LAST_OFFSET)) return failure(400, 'Invalid offset');
    if (!(query.get('type') ?? '').split(',').includes('track'))
      return failure(400, 'Missing parameter type');
    const found = this.#find(parseQuery(q));
    const market = query.get('market');
    const items = found.slice(offset, offset + limit).map((track) => trackObjectOf(track, market));
    return json(200, { tracks: pagingOf(items, { q, offset, limit, total: found.length }) });
  }

  #find(query: SpotifyQuery): Track[] {
    if (query.broken) return [];
    return this.#candidates(query)
      .filter(({ document }) => passes(this.#entries[document], query))
      .map(({ document, share }) => {
        const track = this.#entries[document]?.track;
        // Fame counts as much as words do: a hit of another artist stands before the song that was meant.
        return { document, track, score: share * 100 + (track?.popularity ?? 0) * 0.7 };
      })
      .sort((a, b) => b.score - a.score || a.document - b.document)
      .flatMap(({ track }) => track ?? []);
  }

  #candidates(query: SpotifyQuery): { document: number; share: number }[] {
    if (query.text.length > 0) return this.#index.find(query.text, { least: 0.65, typos: true });
    const filtered = [
      ...(query.filters.track ?? []),
      ...(query.filters.artist ?? []),
      ...(query.filters.album ?? []),
    ];
    if (filtered.length > 0) return this.#index.find(filtered, { least: 1 });
    return this.#entries.map((_, document) => ({ document, share: 1 }));
  }
}

const holdsAll = (field: ReadonlySet<string>, asked: readonly string[] | undefined): boolean =>
  asked === undefined || asked.every((word) => field.has(word));

function passes(entry: Entry | undefined, { filters, isrc, years }: SpotifyQuery): boolean {
  if (entry === undefined) return false;
  const year = Number(entry.track.releaseDate.slice(0, 4));
  return (
    holdsAll(entry.title, filters.track) &&
    holdsAll(entry.artist, filters.artist) &&
    holdsAll(entry.album, filters.album) &&
    (isrc === undefined || isrc === entry.track.isrc) &&
    (years === undefined || (year >= years[0] && year <= years[1]))
  );
}
