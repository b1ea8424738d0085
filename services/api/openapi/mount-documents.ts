/** `/openapi.json`, and pages that show it: everything is served from here, nothing from elsewhere. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Express, Response } from 'express';
import type { Route } from '../http/route.ts';
import { openApiDocument } from './document.ts';
import { problemsPage } from './problems-page.ts';

/** By name: the package also holds maps and sources, which are nobody's business and ten times the size. */
const FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Enrichment pipeline: HTTP API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `window.addEventListener('load', () => {
  SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, persistAuthorization: false,
    validatorUrl: null, docExpansion: 'list', defaultModelsExpandDepth: 0, displayRequestDuration: true });
});
`;

/** Needs no key: the contract is in the repository as well. */
export function mountDocuments(app: Express, routes: readonly Route[]): void {
  const document = JSON.stringify(openApiDocument(routes));
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const send = (response: Response, type: string, body: string): void => {
    response.type(type).set('cache-control', 'public, max-age=300').send(body);
  };
  app.get('/openapi.json', (_request, response) => {
    send(response, 'json', document);
  });
  app.get('/docs', (_request, response) => {
    send(response, 'html', PAGE);
  });
  app.get('/docs/start.js', (_request, response) => {
    send(response, 'js', START);
  });
  app.get('/docs/problems', (_request, response) => {
    send(response, 'html', problemsPage());
  });
  for (const file of FILES) {
    app.get(`/docs/${file}`, (_request, response) => {
      response.sendFile(file, { root: folder, maxAge: 3_600_000 });
    });
  }
}
