import { TextIndex, words } from '../catalogue/text-index.ts';
import type { Protocol, Refusal, Reply, SandboxRequest } from '../protocol.ts';
import type { Track } from '../catalogue/track.ts';
import { distort } from './distort.ts';
import { parseLucene, QuerySyntaxError } from './lucene.ts';
import type { Clause } from './lucene.ts';
import { recordingsOf } from './recordings.ts';
import type { Recording } from './recordings.ts';
import { INCLUDES, lookUpOf, searchHitOf } from './wire.ts';

const HELP = 'For usage, please see: https://musicbrainz.org/development/mmd';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const FIELDS = ['recording', 'artist', 'release'] as const;
type Field = (typeof FIELDS)[number];

/** Headers of a zone that all clients share; they say nothing about one's own limit. */
const shared = (): Record<string, string> => ({
  'content-type': 'application/json; charset=utf-8',
  'x-ratelimit-limit': '400',
  'x-ratelimit-remaining': '194',
  'x-ratelimit-reset': String(Math.ceil(Date.now() / 1_000) + 1),
});

const ok = (body: unknown): Reply => ({ status: 200, headers: shared(), body });

const failure = (status: number, error: string): Reply => ({
  status,
  headers: shared(),
  body: { error, help: HELP },
});

interface Scored {
  readonly recording: Recording;
  readonly score: number;
}

/** Version 2 of MusicBrainz's web service, as far as recordings go. */
export class MusicbrainzProtocol implements Protocol {
  readonly provider = 'musicbrainz';
  readonly announcesRetryAfter = false;
  readonly distort = distort;
  readonly #recordings: readonly Recording[];
  readonly #byId = new Map<string, Recording>();
  readonly #byIsrc = new Map<string, Recording[]>();
  readonly #indexes = { recording: new TextIndex(), artist: new TextIndex(), release: new TextIndex() };

  constructor(tracks: readonly Track[]) {
    this.#recordings = recordingsOf(tracks);
    this.#recordings.forEach((recording, document) => {
      this.#byId.set(recording.id, recording);
      for (const isrc of new Set(recording.releases.map((release) => release.isrc))) {
        this.#byIsrc.set(isrc, [...(this.#byIsrc.get(isrc) ?? []), recording]);
      }
      for (const field of FIELDS) this.#indexes[field].add(document, textOf(recording, field));
    });
  }

  answer(request: SandboxRequest): Reply {
    // Anonymous clients are throttled together: here they are told at once.
    if (!/\S+\/\S+/.test(String(request.headers['user-agent'] ?? ''))) return this.refuse({ kind: 'rate' });
    if (request.query.get('fmt') !== 'json' && !String(request.headers['accept']).includes('json')) {
      return {
        status: 200,
        headers: { 'content-type': 'application/xml; charset=utf-8' },
        body: '<metadata/>',
      };
    }
    const [, resource, id] = /^\/(recording|isrc)(?:\/([^/]+))?$/.exec(request.path) ?? [];
    if (resource === 'isrc' && id !== undefined) return this.#ofIsrc(id, request.query);
    if (resource === 'recording') {
      return id === undefined ? this.#search(request.query) : this.#lookUp(id, request.query);
    }
    return failure(404, 'Not Found');
  }

  refuse(refusal: Refusal): Reply {
    if (refusal.kind === 'status') return failure(refusal.status ?? 503, 'An error occurred.');
    if (refusal.kind === 'auth') return failure(401, 'Your credentials could not be verified.');
    if (refusal.kind === 'shed') {
      const reply = failure(503, 'The MusicBrainz web server is currently busy. Please try again later.');
      const zone = {
        'x-ratelimit-zone': 'search-global',
        'x-ratelimit-who': 'search-shed',
        'retry-after': '0',
      };
      return { ...reply, headers: { ...shared(), 'x-ratelimit-limit': '1200', ...zone } };
    }
    const text =
      'Your requests are exceeding the allowable rate limit. Please see ' +
      'http://wiki.musicbrainz.org/XMLWebService for more information.';
    return {
      status: 503,
      headers: { ...shared(), 'x-ratelimit-zone': 'ws', 'x-ratelimit-who': '127.0.0.1' },
      body: { error: text },
    };
  }

  #lookUp(id: string, query: URLSearchParams): Reply {
    if (!UUID.test(id)) return failure(400, 'Invalid mbid.');
    const recording = this.#byId.get(id);
    if (recording === undefined) return failure(404, 'Not Found');
    return withIncludes(recording, query, 'recording', ok);
  }

  #ofIsrc(isrc: string, query: URLSearchParams): Reply {
    const recordings = this.#byIsrc.get(isrc) ?? [];
    if (recordings.length === 0) return failure(404, 'Not Found');
    const bodies: unknown[] = [];
    for (const recording of recordings) {
      const reply = withIncludes(recording, query, 'isrc', ok);
      if (reply.status !== 200) return reply;
      bodies.push(reply.body);
    }
    return ok({ isrc, recordings: bodies });
  }

  #search(query: URLSearchParams): Reply {
    const text = query.get('query') ?? '';
    if (text === '') {
      return failure(
        400,
        'The given parameters do not match any available query type for the recording resource.',
      );
    }
    const limit = Math.min(100, Number(query.get('limit') ?? '25'));
    const offset = Number(query.get('offset') ?? '0');
    try {
      const clauses = query.get('dismax') === 'true' ? plainClauses(text) : parseLucene(text);
      const found = this.#rank(clauses);
      const best = found[0]?.score ?? 1;
      const hits = found.slice(offset, offset + limit);
      return ok({
        created: new Date().toISOString(),
        count: found.length,
        offset,
        recordings: hits.map(({ recording, score }) =>
          searchHitOf(recording, Math.round((100 * score) / best)),
        ),
      });
    } catch (error) {
      if (error instanceof QuerySyntaxError) return failure(400, 'Could not parse the query.');
      throw error;
    }
  }

  /** By share of matching words alone: length, status and fame count for nothing, and bootlegs are many. */
  #rank(clauses: readonly Clause[]): Scored[] {
    const scores = new Map<number, number>();
    const missing = new Map<number, number>();
    const required = clauses.filter((clause) => clause.required).length;
    for (const clause of clauses) {
      for (const [document, score] of this.#matches(clause)) {
        scores.set(document, (scores.get(document) ?? 0) + score);
        if (clause.required) missing.set(document, (missing.get(document) ?? 0) + 1);
      }
    }
    return [...scores]
      .filter(([document]) => (missing.get(document) ?? 0) === required)
      .map(([document, score]) => ({ document, score }))
      .sort((a, b) => b.score - a.score || this.#bootlegsFirst(a.document, b.document))
      .flatMap(({ document, score }) => {
        const recording = this.#recordings[document];
        return recording === undefined ? [] : { recording, score };
      });
  }

  #bootlegsFirst(a: number, b: number): number {
    const live = (document: number): number => (this.#recordings[document]?.track.kind === 'live' ? 0 : 1);
    return live(a) - live(b) || a - b;
  }

  #matches({ field, words: asked, phrase, range }: Clause): Map<number, number> {
    const found = new Map<number, number>();
    const known = FIELDS.find((one) => one === field || (field === 'artistname' && one === 'artist'));
    if (known !== undefined) {
      for (const { document, share } of this.#indexes[known].find(asked, { least: phrase ? 1 : 0.01 })) {
        const text = ` ${textOf(this.#recordings[document], known)} `;
        if (!phrase || text.includes(` ${asked.join(' ')} `)) found.set(document, share ** 2);
      }
    }
    this.#recordings.forEach(({ track, releases }, document) => {
      const within = range !== undefined && track.durationMs >= range[0] && track.durationMs <= range[1];
      if (field === 'dur' && within) found.set(document, 0.2);
      if (field === 'isrc' && releases.some(({ isrc }) => isrc.toLowerCase() === asked.join('')))
        found.set(document, 1);
    });
    return found;
  }
}

const plainClauses = (text: string): Clause[] =>
  FIELDS.map((field) => ({ field, words: words(text), phrase: false, required: false }));

const FOLDED = new WeakMap<Recording, Record<Field, string>>();

function textOf(recording: Recording | undefined, field: Field): string {
  if (recording === undefined) return '';
  let texts = FOLDED.get(recording);
  if (texts === undefined) {
    texts = {
      recording: words(recording.track.baseTitle).join(' '),
      artist: words(recording.track.artists.join(' ')).join(' '),
      release: words(recording.releases.map(({ album }) => album).join(' ')).join(' '),
    };
    FOLDED.set(recording, texts);
  }
  return texts[field];
}

function withIncludes(
  recording: Recording,
  query: URLSearchParams,
  resource: 'recording' | 'isrc',
  reply: (body: unknown) => Reply,
): Reply {
  const body = lookUpOf(recording);
  for (const name of (query.get('inc') ?? '').split(/[+ ]/).filter((one) => one !== '')) {
    const include = INCLUDES[name];
    if (include === undefined || (resource === 'isrc' && name === 'isrcs')) {
      return failure(400, `${name} is not a valid inc parameter for the ${resource} resource.`);
    }
    Object.assign(body, include(recording));
  }
  return reply(body);
}
