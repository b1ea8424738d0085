/** The HTTP side, put together: what every request passes, then the routes, then what answers for errors. */
import express, { type Express } from 'express';
import helmet from 'helmet';
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { type Gatekeepers, mountRoutes } from './http/mount-routes.ts';
import { observeRequests, refuseUnknownPath, respondProblem } from './http/observe-requests.ts';
import type { Route } from './http/route.ts';
import { mountDocuments } from './openapi/mount-documents.ts';

export interface AppOptions {
  readonly routes: readonly Route[];
  readonly gates: Gatekeepers;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: number;
}

export function createApp({ routes, gates, log, metrics, trustedProxies }: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  // Answers are about one owner's things at one moment; what has an ETag sets it itself.
  app.set('etag', false);
  app.set('trust proxy', trustedProxies);
  app.use(observeRequests({ log, metrics }));
  app.use(
    helmet({
      // The service itself speaks plain HTTP: who ends TLS before it says so.
      strictTransportSecurity: false,
      contentSecurityPolicy: {
        directives: { 'upgrade-insecure-requests': null, 'img-src': ["'self'", 'data:'] },
      },
    }),
  );
  mountDocuments(app, routes);
  app.use((_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });
  mountRoutes(app, routes, gates);
  app.use(refuseUnknownPath);
  app.use(respondProblem({ log, metrics }));
  return app;
}
