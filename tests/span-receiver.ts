/** Takes traces over OTLP/HTTP as a collector does, and gives back what came. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { SILENT } from '../shared/observability/log.ts';
import { startTracing } from '../shared/observability/tracing.ts';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly Attribute[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number };
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[];
  }[];
}

/** As OTLP numbers them. */
export const KIND = { server: 2, client: 3, producer: 4, consumer: 5 } as const;
export const FAILED = 2;

export interface SpanReceiver {
  readonly url: string;
  /** Bodies as they came. */
  readonly bodies: readonly string[];
  /** Method, path and the header `x-key` of each request. */
  readonly requests: readonly string[];
  spans(): ReceivedSpan[];
  /** Names of the services that sent something. */
  services(): Set<unknown>;
  /** Begins tracing in the test's process; the result ends it and sends what waits. */
  begin(): Promise<() => Promise<void>>;
  close(): void;
}

export async function openSpanReceiver(): Promise<SpanReceiver> {
  const bodies: string[] = [];
  const requests: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      requests.push(`${request.method ?? ''} ${request.url ?? ''} ${String(request.headers['x-key'])}`);
      bodies.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const received = () => bodies.flatMap((body) => (JSON.parse(body) as Export).resourceSpans);
  return {
    url,
    bodies,
    requests,
    spans: () => received().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    services: () => new Set(received().map(({ resource }) => attribute(resource, 'service.name'))),
    begin: () =>
      startTracing(
        { tracesEndpoint: url, tracesHeaders: 'x-key=of-the-receiver' },
        { service: 'test', version: '1', processId: 'test-1', log: SILENT },
      ),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Undefined when it has none of that name. */
export const attribute = (
  of: { readonly attributes: readonly Attribute[] } | undefined,
  name: string,
): unknown => Object.values(of?.attributes.find(({ key }) => key === name)?.value ?? {})[0];
