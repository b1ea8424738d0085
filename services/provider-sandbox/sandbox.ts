/** Puts the sandbox together: the services behind one local HTTP server, and the control endpoint beside them. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Rate, Settings } from '../../shared/runtime/environment.ts';
import { loadMovies } from './catalogue/movies.ts';
import type { MovieCatalogue } from './catalogue/movies.ts';
import type { Track } from './catalogue/track.ts';
import { loadTracks } from './catalogue/tracks.ts';
import { movieTruth, trackTruth } from './catalogue/truth.ts';
import type { SANDBOX_SETTINGS } from './config.ts';
import { control } from './control.ts';
import type { Controlled } from './control.ts';
import { deliver } from './delivery.ts';
import { exchange, exchangeBehind, exchangeToken } from './exchange.ts';
import type { Service } from './exchange.ts';
import { ARCHIVE_PREFIX, CoverArtArchiveProtocol } from './coverartarchive/protocol.ts';
import { DeezerProtocol } from './deezer/protocol.ts';
import { Faults } from './faults.ts';
import { LastfmProtocol } from './lastfm/protocol.ts';
import { Latency } from './latency.ts';
import { SlidingLimit } from './limits.ts';
import { MusicbrainzProtocol } from './musicbrainz/protocol.ts';
import type { Protocol, SandboxRequest } from './protocol.ts';
import type { ProviderName } from './provider-names.ts';
import { RequestLog } from './request-log.ts';
import { SpotifyProtocol } from './spotify/protocol.ts';
import { Statistics } from './statistics.ts';
import { TmdbProtocol } from './tmdb/protocol.ts';

export type SandboxSettings = Settings<typeof SANDBOX_SETTINGS>;

export interface Catalogue {
  readonly movies: MovieCatalogue;
  readonly tracks: readonly Track[];
}

/** Takes under a second; pass it on when several sandboxes run in one process. */
export const loadCatalogue = (): Catalogue => ({ movies: loadMovies(), tracks: loadTracks() });

export interface Sandbox {
  /** `http://127.0.0.1:8090`, without a slash at the end. */
  readonly url: string;
  /** Cuts open connections; resolves when the port is free again. */
  close(): Promise<void>;
}

const PREFIXES = {
  '/spotify/v1': 'spotify',
  '/musicbrainz/ws/2': 'musicbrainz',
  '/coverartarchive': 'coverartarchive',
  '/deezer': 'deezer',
  '/lastfm/2.0': 'lastfm',
  '/tmdb/3': 'tmdb',
} as const satisfies Record<string, ProviderName>;
const TOKEN_PATH = '/spotify-accounts/api/token';
const CONTROL_PREFIX = '/_control';
const MOST_BODY_BYTES = 16_384;
const LOGGED_REQUESTS = 20_000;

interface Running extends Controlled {
  readonly spotify: Service & { protocol: SpotifyProtocol };
}

/** Resolves when it listens; rejects when the port is taken. */
export async function startSandbox(
  settings: SandboxSettings,
  catalogue: Catalogue = loadCatalogue(),
): Promise<Sandbox> {
  const running = assemble(settings, catalogue);
  const server = createServer((message, response) => {
    // A client that hangs up in the middle of a broken answer is the point of it.
    response.on('error', () => undefined);
    void serve(running, message, response);
  });
  server.keepAliveTimeout = 60_000;
  await listen(server, settings);
  const { address, port } = server.address() as AddressInfo;
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, { host, port }: SandboxSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function assemble(settings: SandboxSettings, { movies, tracks }: Catalogue): Running {
  const { speed, seed, latency } = settings;
  const served = (rate: Rate, connections?: number): SlidingLimit =>
    new SlidingLimit(
      { rate, counts: 'served', ...(connections === undefined ? {} : { connections }) },
      speed,
    );
  const serviceOf = <P extends Protocol>(protocol: P, limit: SlidingLimit): Service & { protocol: P } => ({
    protocol,
    limit,
    statistics: new Statistics(),
  });
  const spotify = serviceOf(new SpotifyProtocol(tracks), served(settings.spotifyLimit));
  return {
    spotify,
    services: {
      spotify,
      musicbrainz: serviceOf(
        new MusicbrainzProtocol(tracks),
        new SlidingLimit({ rate: settings.musicbrainzLimit, counts: 'all' }, speed),
      ),
      coverartarchive: serviceOf(new CoverArtArchiveProtocol(tracks), served(settings.coverartarchiveLimit)),
      deezer: serviceOf(new DeezerProtocol(tracks), served(settings.deezerLimit)),
      lastfm: serviceOf(new LastfmProtocol(tracks), served(settings.lastfmLimit)),
      tmdb: serviceOf(new TmdbProtocol(movies.movies), served(settings.tmdbLimit, settings.tmdbConnections)),
    },
    tools: {
      faults: new Faults(seed),
      latency: new Latency(seed, latency),
      log: new RequestLog(LOGGED_REQUESTS),
    },
    truth: (provider) => truthOf(provider, { movies, tracks }),
    startedAt: performance.now(),
    settings: { speed },
  };
}

/** Pictures are found by ids: there is nothing to be right or wrong about. */
function truthOf(provider: ProviderName, { movies, tracks }: Catalogue): unknown {
  if (provider === 'coverartarchive') return [];
  return provider === 'tmdb' ? movieTruth(movies) : trackTruth(tracks, provider);
}

async function serve(running: Running, message: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await route(running, message, response);
  } catch (error) {
    // A bug of the sandbox must look like one, not like a fault of a service.
    process.stderr.write(`provider sandbox: ${String((error as Error).stack)}\n`);
    if (!response.headersSent) deliver(response, { status: 599, body: { error: String(error) } });
  }
}

async function route(running: Running, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(message.url ?? '/', 'http://sandbox');
  const body = message.method === 'GET' ? '' : await bodyOf(message);
  const below = (prefix: string): SandboxRequest => ({
    method: message.method ?? 'GET',
    path: decodeURI(url.pathname.slice(prefix.length).replace(/\/+$/, '')),
    query: url.searchParams,
    headers: message.headers,
    body,
  });
  const http = { message, response };
  if (url.pathname === TOKEN_PATH) {
    await exchangeToken(running.spotify, running.tools, below(TOKEN_PATH), http);
    return;
  }
  if (url.pathname.startsWith(`${ARCHIVE_PREFIX}/`)) {
    await exchangeBehind(running.services.coverartarchive, running.tools, below(ARCHIVE_PREFIX), http);
    return;
  }
  if (url.pathname.startsWith(`${CONTROL_PREFIX}/`)) {
    deliver(response, control(running, below(CONTROL_PREFIX)));
    return;
  }
  for (const [prefix, provider] of Object.entries(PREFIXES)) {
    if (url.pathname === prefix || url.pathname.startsWith(`${prefix}/`)) {
      await exchange(running.services[provider], running.tools, below(prefix), http);
      return;
    }
  }
  deliver(response, { status: 404, body: { error: 'no service here', prefixes: Object.keys(PREFIXES) } });
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BODY_BYTES) throw new RangeError('the body is too long for the sandbox');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
