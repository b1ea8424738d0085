import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Log } from '../../../shared/observability/log.ts';
import { scrubUrls } from '../../../shared/observability/log-line.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { localsOf } from './mount-routes.ts';
import { HttpProblem, PROBLEM_TYPE, problemDocument } from './problem.ts';
import { problemOf } from './problem-of.ts';
import { endRequestSpan, startRequestSpan } from './request-span.ts';

interface Observers {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What a caller may choose as the number of a request: it gets into logs. */
const REQUEST_ID = /^[\w.:-]{8,100}$/;

/** Numbers each request, measures and traces it, and says how it ended. */
export function observeRequests({ log, metrics }: Observers): RequestHandler {
  // Failures are asked for before there is one: that there are none is a 0 as well.
  metrics.httpRequests.inc({ method: 'GET', route: 'none', status: '500' }, 0);
  return (request, response, next) => {
    const given = request.get('x-request-id') ?? '';
    const requestId = REQUEST_ID.test(given) ? given : randomUUID();
    const locals = localsOf(response);
    locals.requestId = requestId;
    const span = startRequestSpan(request, requestId);
    if (span !== undefined) locals.span = span;
    response.set('x-request-id', requestId);
    const begun = performance.now();
    response.once('close', () => {
      const { method } = request;
      // The pattern, never the path: a label for every job would have no end.
      const pattern = (request.route as { path: string } | undefined)?.path;
      const route = pattern ?? 'none';
      const status = String(response.statusCode);
      metrics.httpRequests.inc({ method, route, status });
      metrics.httpRequestSeconds.observe({ method, route }, (performance.now() - begun) / 1_000);
      if (span !== undefined) endRequestSpan(span, request, response, pattern);
      if (log.isEnabled('debug')) {
        log.debug('request', { requestId, method, route, status, key: locals.principal?.keyId ?? 'none' });
      }
    });
    next();
  };
}

/** A response that has begun cannot take back its status: it is cut, which no client takes for its end. */
export const respondProblem =
  ({ log }: Observers): ErrorRequestHandler =>
  (error: unknown, request, response, _next) => {
    const problem = problemOf(error);
    const { requestId, span } = localsOf(response);
    if (problem.status >= 500) {
      span?.fail({ name: problem.code });
      const cause = problem.cause instanceof Error ? problem.cause : problem;
      log.error('request failed', {
        requestId,
        code: problem.code,
        error: scrubUrls(cause.message),
        ...(problem.code === 'internal' && { stack: cause.stack ?? '' }),
      });
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    // What is left of a body that nobody reads would be taken for the next request.
    if (!request.complete) response.set('connection', 'close');
    response.status(problem.status).set(problem.headers).type(PROBLEM_TYPE);
    response.send(JSON.stringify(problemDocument(problem, requestId)));
  };

export const refuseUnknownPath: RequestHandler = (request) => {
  throw new HttpProblem('not_found', `${request.path} is not a path of this service: see /openapi.json`);
};
