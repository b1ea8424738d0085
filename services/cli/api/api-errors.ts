/** Thrown when the HTTP API does not answer, or stopped in the middle of an answer: the same may be asked again. */
export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable';
}

/** What the API said no with. */
export interface Refusal {
  readonly status: number;
  /** Stable: `not_found`, `too_many_jobs`, … */
  readonly code: string;
  readonly detail: string;
  /** What is wrong with each field, where that is known. */
  readonly faults: readonly string[];
  /** When it is worth asking again. */
  readonly retryAfterSeconds?: number;
  /** Whoever runs the service finds the request in its log by this. */
  readonly requestId?: string;
}

/** Thrown when the HTTP API answers that it will not do it. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    const { detail, faults, requestId } = refusal;
    const more = faults.filter((fault) => !detail.includes(fault)).map((fault) => `\n  ${fault}`);
    super(`${detail}${more.join('')}${requestId === undefined ? '' : `\n  request ${requestId}`}`);
    this.refusal = refusal;
  }
}
