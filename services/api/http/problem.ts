/** Everything that the API refuses or fails at, by its stable code. RFC 9457. */

/** Code → status and title. Clients branch on the code: it never changes its meaning. */
export const PROBLEMS = {
  malformed_body: [400, 'The body cannot be read'],
  invalid_request: [400, 'Path, query or headers are not valid'],
  unauthenticated: [401, 'No valid API key'],
  forbidden: [403, 'The key may not do this'],
  not_found: [404, 'There is no such thing'],
  method_not_allowed: [405, 'The resource does not know this method'],
  conflict: [409, 'It is not in a state for this'],
  submission_running: [409, 'The first request with this key is not over'],
  body_too_large: [413, 'The body is too large'],
  too_many_rows: [413, 'The submission has too many rows'],
  unsupported_media_type: [415, 'The body has a type that is not read here'],
  invalid_body: [422, 'The body is not valid'],
  idempotency_key_reused: [422, 'The key was used for other content'],
  upgrade_required: [426, 'The path is a WebSocket'],
  too_many_jobs: [429, 'Too many jobs have not ended'],
  too_many_rows_waiting: [429, 'Too many rows are not settled'],
  too_many_requests: [429, 'Too many requests'],
  too_many_failures: [429, 'Too many requests without a valid key'],
  internal: [500, 'The service failed'],
  backlog_full: [503, 'Too much waits already'],
  too_many_streams: [503, 'Too many clients watch'],
  unavailable: [503, 'A server that is needed does not answer'],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string]>>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One thing that is wrong with a request: where, as a JSON pointer into that part, and why. */
export interface RequestFault {
  readonly in: 'path' | 'query' | 'header' | 'body';
  readonly pointer: string;
  readonly message: string;
}

interface Particulars {
  readonly faults?: readonly RequestFault[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/** Thrown when a request cannot be answered as it wants to be: it becomes the response. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly code: ProblemCode;
  readonly faults: readonly RequestFault[];
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail for whoever made the request: what happened, and what to do */
  constructor(
    code: ProblemCode,
    detail: string,
    { faults = [], headers, retryAfter, cause }: Particulars = {},
  ) {
    super(detail, { cause });
    this.code = code;
    this.faults = faults;
    this.headers = {
      ...headers,
      ...(retryAfter !== undefined && { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }),
    };
  }

  get status(): number {
    return PROBLEMS[this.code][0];
  }
}

export const PROBLEM_TYPE = 'application/problem+json';

/** The body of the response. `instance` names the request: quote it to whoever runs the service. */
export const problemDocument = (problem: HttpProblem, requestId: string): object => ({
  type: `/docs/problems#${problem.code}`,
  title: PROBLEMS[problem.code][1],
  status: problem.status,
  code: problem.code,
  detail: problem.message,
  instance: `urn:request:${requestId}`,
  ...(problem.faults.length > 0 && { errors: problem.faults }),
});
