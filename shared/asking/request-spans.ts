/** The spans of a look-up's requests, after the semantic conventions for HTTP clients. */
import type { Span } from '../observability/span.ts';
import { inSpan } from '../observability/tracing.ts';

export interface SpannedRequest {
  readonly provider: string;
  /** Without credentials: they are added when it is sent. */
  readonly url: string | URL;
  /** Of the look-up. */
  readonly parent: Span | undefined;
}

/** From the asking for a slot to the moment at which a request may leave: the gate's grid, and a token if one is due. */
export const inSlotSpan = <T>(
  { provider, parent }: Pick<SpannedRequest, 'provider' | 'parent'>,
  take: () => Promise<T>,
): Promise<T> =>
  inSpan(
    `wait for ${provider}`,
    () => ({ kind: 'internal', parent, attributes: { 'enrichment.provider': provider } }),
    take,
  );

/**
 * One exchange. `send` is given who is to be told the status. The query stays out of the span: it may hold a key, and
 * always holds what somebody looks for.
 */
export const inRequestSpan = <T>(
  { provider, url, parent }: SpannedRequest,
  send: (onStatus?: (status: number) => void) => Promise<T>,
): Promise<T> =>
  inSpan(
    'GET',
    () => {
      const { origin, pathname, hostname, port, protocol } = new URL(url);
      return {
        kind: 'client',
        parent,
        attributes: {
          'http.request.method': 'GET',
          'url.full': origin + pathname,
          'server.address': hostname,
          'server.port': port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
          'enrichment.provider': provider,
        },
      };
    },
    (span) =>
      span === undefined
        ? send()
        : send((status) => {
            span.note({ 'http.response.status_code': status });
          }),
  );
