import type { Readable } from 'node:stream';
import { ProviderError } from '../task/provider-error.ts';
import type { ApiResponse } from './provider.ts';
import { type ReceivedHead, sendRequest } from './send-request.ts';

export interface FetchInit {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From here to the last byte of the body, redirects included. */
  readonly timeoutMs: number;
  /** Of the decompressed body; 8 MiB unless told. */
  readonly maxBytes?: number;
  /** Names the provider in errors. */
  readonly provider: string;
  /** Hosts beside the URL's own that a redirect may lead to, see `ApiRequest`. */
  readonly redirectHosts?: readonly string[];
  /** Called when the request leaves, once there is a connection; again for each redirect. */
  readonly onSent?: () => void;
}

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_REDIRECTS = 5;
/** All that another host than the service's own is ever sent. */
const HARMLESS_HEADERS = ['accept', 'user-agent'];
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * One HTTP exchange, read whole. Any status is an answer; what it means is the provider's to say. Throws
 * ProviderError: `unavailable` for network faults, timeouts and forbidden redirects, `contract` for a body above the
 * cap, which is never held in memory. An abort by the caller rejects with its reason: it is nobody's fault. Never
 * retries. Connections are kept.
 */
export async function fetchApi(url: URL, init: FetchInit, signal: AbortSignal): Promise<ApiResponse> {
  signal.throwIfAborted();
  // Own controller instead of AbortSignal.any: that keeps every exchange alive for as long as a long-lived parent.
  const stop = new AbortController();
  const onAbort = () => {
    stop.abort(signal.reason);
  };
  const timer = setTimeout(() => {
    stop.abort(fault(init, url, 'unavailable', `no complete answer within ${init.timeoutMs} ms`));
  }, init.timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const { status, headers, body } = await followRedirects(url, init, stop.signal);
    const text = await readText(body, url, init);
    return { status, headers, text, json: parseLeniently(text) };
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason;
    if (error instanceof ProviderError) throw error;
    throw new ProviderError(init.provider, 'unavailable', `${where(init, url)}: ${reasonOf(error)}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Only within the origin and to hosts that the provider names: whoever can redirect us elsewhere would answer in its
 * name. No credential leaves the origin.
 */
async function followRedirects(url: URL, init: FetchInit, signal: AbortSignal): Promise<ReceivedHead> {
  let target = url;
  for (let hop = 0; ; hop++) {
    const response = await sendRequest(target, {
      method: init.method,
      headers: target.origin === url.origin ? init.headers : harmless(init.headers),
      ...(init.body === undefined ? {} : { body: init.body }),
      ...(init.onSent && { onSent: init.onSent }),
      signal,
    });
    const location = response.headers.get('location');
    if (!REDIRECTS.has(response.status) || location === null) return response;
    response.body.destroy();
    const next = URL.canParse(location, target.href) ? secured(new URL(location, target), url) : undefined;
    if (next === undefined || !mayAnswer(next, url, init.redirectHosts ?? [])) {
      throw fault(init, url, 'unavailable', 'redirected to another host');
    }
    if (init.method !== 'GET') throw fault(init, url, 'unavailable', `redirected a ${init.method}`);
    if (hop === MAX_REDIRECTS) {
      throw fault(init, url, 'unavailable', `redirected more than ${MAX_REDIRECTS} times`);
    }
    target = next;
  }
}

function mayAnswer(next: URL, url: URL, hosts: readonly string[]): boolean {
  if (next.origin === url.origin) return true;
  if (next.protocol !== url.protocol || next.username !== '') return false;
  // With the port, where it is not the usual one.
  return hosts.some((host) =>
    host.startsWith('*.') ? next.host.endsWith(host.slice(1)) : next.host === host,
  );
}

/** Old addresses are written with http: what began encrypted stays encrypted. */
function secured(next: URL, url: URL): URL {
  if (url.protocol === 'https:' && next.protocol === 'http:') next.protocol = 'https:';
  return next;
}

const harmless = (headers: FetchInit['headers']): FetchInit['headers'] =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => HARMLESS_HEADERS.includes(name.toLowerCase())),
  );

async function readText(body: Readable, url: URL, init: FetchInit): Promise<string> {
  const maxBytes = init.maxBytes ?? MAX_BYTES;
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop by a throw cancels the stream, which closes the connection.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw fault(init, url, 'contract', `answered with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks, bytes));
}

/** Services send JSON under all kinds of content types, and other things as `application/json`. */
function parseLeniently(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Host and path only: a query may hold an API key. */
const where = (init: FetchInit, url: URL): string => `${init.method} ${url.host}${url.pathname}`;

const fault = (init: FetchInit, url: URL, kind: 'unavailable' | 'contract', reason: string): ProviderError =>
  new ProviderError(init.provider, kind, `${where(init, url)}: ${reason}`);

const reasonOf = (error: unknown): string =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : 'network fault';
