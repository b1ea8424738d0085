/** A route as data: what it takes, what it answers, and who may call it. Validation, types and documents come from it. */
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Principal, Scope } from '../../../shared/access/api-key.ts';
import type { ProblemCode } from './problem.ts';

export type Method = 'get' | 'post' | 'put' | 'delete';

/** What a handler gets: everything parsed, nothing raw unless it streams. */
export interface Call<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly principal: Principal;
  readonly requestId: string;
  /** Aborted when the client is gone or the process ends. */
  readonly signal: AbortSignal;
  /** For bodies that are streams, and headers that are not in the contract's form. */
  readonly request: Request;
  readonly response: Response;
}

export interface Reply {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The handler has written the response, or goes on writing it. */
export const STREAMED = Symbol('streamed');

export interface Answer {
  readonly description: string;
  /** Of a JSON body; absent = no body, or that of `types`. */
  readonly schema?: z.ZodType;
  /** Media types of a body that is no JSON document. */
  readonly types?: readonly string[];
  /** Name → what it says. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RouteSpec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly method: Method;
  /** With parameters in braces. */
  readonly path: string;
  /** `listJobs`: stable, since clients are generated from it. */
  readonly name: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly scope: Scope;
  readonly params?: P;
  readonly query?: Q;
  /** JSON. */
  readonly body?: B;
  /** Media types of bodies that the handler reads itself from `request`, beside JSON. */
  readonly streams?: readonly string[];
  /** Request headers that it understands: name → what it says. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Codes of its own; those that every route may answer are not repeated. */
  readonly problems?: readonly ProblemCode[];
  handle(call: Call<z.output<P>, z.output<Q>, z.output<B>>): Promise<Reply | typeof STREAMED>;
}

/** A route whose types are forgotten: what routers and documents work with. */
export type Route = Omit<RouteSpec<z.ZodType, z.ZodType, z.ZodType>, 'handle'> & {
  handle(call: Call<never, never, never>): Promise<Reply | typeof STREAMED>;
};

const NOTHING = z.strictObject({});

/** Only for the types: a query or a body that is not named must be empty. */
export const route = <
  P extends z.ZodType = typeof NOTHING,
  Q extends z.ZodType = typeof NOTHING,
  B extends z.ZodType = z.ZodUndefined,
>(
  spec: RouteSpec<P, Q, B>,
): Route => ({ ...spec, query: spec.query ?? NOTHING });

/** What every route may answer, by what it takes. */
export function problemsOf(route: Route): readonly ProblemCode[] {
  const takesBody = route.body !== undefined || route.streams !== undefined;
  return [
    'invalid_request',
    'unauthenticated',
    ...(route.scope === 'viewer' ? [] : (['forbidden'] as const)),
    ...(route.params === undefined ? [] : (['not_found'] as const)),
    ...(takesBody
      ? (['malformed_body', 'body_too_large', 'unsupported_media_type', 'invalid_body'] as const)
      : []),
    ...(route.problems ?? []),
    'too_many_requests',
    'too_many_failures',
    'internal',
    'unavailable',
  ];
}
