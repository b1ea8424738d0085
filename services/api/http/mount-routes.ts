/** From routes as data to Express. The order of the steps is the order in which a request is refused. */
import express, {
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { z } from 'zod';
import { allows, type Principal } from '../../../shared/access/api-key.ts';
import type { Span } from '../../../shared/observability/span.ts';
import type { Caller } from './identify.ts';
import { HttpProblem } from './problem.ts';
import { type Call, type Method, type Reply, type Route, STREAMED } from './route.ts';
import { validated } from './validate.ts';

export interface Gatekeepers {
  /** Who calls; throws HttpProblem `unauthenticated`. */
  readonly identify: (caller: Caller) => Promise<Principal>;
  /** Counts the request; throws HttpProblem `too_many_requests`. */
  readonly admit: (principal: Principal, response: Response) => Promise<void>;
  /** Aborted when the process ends. */
  readonly stopping: AbortSignal;
  /** Told of answers that are not as documented; tests fail on it, and nobody else pays for the check. */
  readonly onUndocumented?: (route: Route, problem: string) => void;
}

/** Bytes of a JSON body: ten thousand records of usual size. */
const MAX_JSON_BYTES = 8 * 1024 * 1024;

export function mountRoutes(app: Express, routes: readonly Route[], gates: Gatekeepers): void {
  // Literal segments before parameters, so that `/v1/jobs/x` never hides a fixed path.
  const ordered = [...routes].sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')));
  for (const route of ordered) {
    const path = expressPath(route.path);
    app[route.method](path, gate(route, gates), ...bodyParsers(route), answer(route, gates));
  }
  for (const [path, methods] of methodsByPath(routes)) {
    app.all(expressPath(path), (request) => {
      throw new HttpProblem(
        'method_not_allowed',
        `${request.method} is not known here: ${methods.join(', ')}`,
        {
          headers: { allow: methods.join(', ') },
        },
      );
    });
  }
}

const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

interface Locals {
  requestId: string;
  /** Of this request; absent while tracing is off. */
  span?: Span;
  principal?: Principal;
}

export const localsOf = (response: Response): Locals => response.locals as Locals;

/** Before the body is read: who may not, sends nothing. */
const gate =
  (route: Route, { identify, admit }: Gatekeepers): RequestHandler =>
  async (request: Request, response: Response, next: NextFunction) => {
    const principal = await identify(request);
    await admit(principal, response);
    if (!allows(principal.scope, route.scope)) {
      throw new HttpProblem(
        'forbidden',
        `${route.name} needs the scope ${route.scope}, the key has ${principal.scope}`,
      );
    }
    localsOf(response).principal = principal;
    checkType(route, request);
    next();
  };

function checkType({ body, streams = [] }: Route, request: Request): void {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  const read = [...(body === undefined ? [] : ['application/json']), ...streams];
  if (!hasBody || read.length === 0) return;
  const type = request.headers['content-type'] ?? '';
  if (request.is(read) === false) {
    const said = type === '' ? 'no type' : `'${type}'`;
    throw new HttpProblem('unsupported_media_type', `the body has ${said}, expected ${read.join(' or ')}`, {
      headers: { 'accept-post': read.join(', ') },
    });
  }
}

const bodyParsers = ({ body }: Route): RequestHandler[] =>
  body === undefined ? [] : [express.json({ limit: MAX_JSON_BYTES, strict: false })];

const answer =
  (route: Route, gates: Gatekeepers): RequestHandler =>
  async (request, response) => {
    const { principal, requestId } = localsOf(response);
    if (principal === undefined) throw new Error(`${route.name}: nobody was identified`);
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort(new Error('the client is gone'));
    });
    const call: Call<unknown, unknown, unknown> = {
      params: route.params === undefined ? {} : validated('path', route.params, request.params),
      query: validated('query', route.query as z.ZodType, request.query),
      body: parsedBody(route, request),
      principal,
      requestId,
      signal: AbortSignal.any([gone.signal, gates.stopping]),
      request,
      response,
    };
    const reply = await route.handle(call as Call<never, never, never>);
    if (reply !== STREAMED) send(route, reply, response, gates);
  };

function parsedBody({ body, streams = [] }: Route, request: Request): unknown {
  if (body === undefined) return undefined;
  if (streams.length > 0 && request.is(['application/json']) === false) return undefined;
  return validated('body', body, request.body as unknown);
}

function send(
  route: Route,
  { status = 200, body, headers = {} }: Reply,
  response: Response,
  gates: Gatekeepers,
): void {
  if (gates.onUndocumented !== undefined) checkReply(route, { status, body }, gates.onUndocumented);
  response.status(status).set(headers);
  if (body === undefined) response.end();
  else response.json(body);
}

function checkReply(
  route: Route,
  { status, body }: { readonly status: number; readonly body: unknown },
  tell: NonNullable<Gatekeepers['onUndocumented']>,
): void {
  const documented = route.answers[status];
  if (documented === undefined) tell(route, `answers ${status}`);
  // As the client sees it.
  else if (documented.schema !== undefined && body !== undefined) {
    const parsed = documented.schema.safeParse(JSON.parse(JSON.stringify(body)));
    if (!parsed.success) tell(route, parsed.error.message);
  }
}

function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { path, method } of routes) found.set(path, [...(found.get(path) ?? []), methodName(method)]);
  return found;
}

const methodName = (method: Method): string => method.toUpperCase();
