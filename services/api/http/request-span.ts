/**
 * The span of a request, after the semantic conventions for HTTP servers, in the trace that its caller names. Of the address
 * it has the pattern of the route alone: path and query hold ids, and whatever a client put into the wrong place.
 */
import type { Request, Response } from 'express';
import type { Span } from '../../../shared/observability/span.ts';
import { traceContextOf } from '../../../shared/observability/trace-context.ts';
import { tracer } from '../../../shared/observability/tracing.ts';

/** Others are one name together, or a client could make up any number of them. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);
const OTHER = { name: 'HTTP', method: '_OTHER' } as const;

/** Undefined while tracing is off. */
export function startRequestSpan(request: Request, requestId: string): Span | undefined {
  const active = tracer();
  if (active === undefined) return undefined;
  const { name, method } = namesOf(request);
  return active.start(name, {
    kind: 'server',
    parent: traceContextOf(request.headers),
    attributes: {
      'http.request.method': method,
      'url.scheme': request.protocol,
      'enrichment.request_id': requestId,
    },
  });
}

/** When the response is over: only then is it known which route there was. A client that went away has got no status. */
export function endRequestSpan(span: Span, request: Request, response: Response, route?: string): void {
  if (route !== undefined) {
    span.rename(`${namesOf(request).name} ${route}`);
    span.note({ 'http.route': route });
  }
  if (response.headersSent) span.note({ 'http.response.status_code': response.statusCode });
  span.end();
}

const namesOf = ({ method }: Request): { readonly name: string; readonly method: string } =>
  METHODS.has(method) ? { name: method, method } : OTHER;
