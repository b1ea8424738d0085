/** What the sandbox's HTTP server and the wire protocols say to each other. */
import type { Distortion } from './faults.ts';
import type { ProviderName } from './provider-names.ts';

export interface SandboxRequest {
  readonly method: string;
  /** Below the provider's prefix: `/search/movie`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Read for POST alone, at most 16 KiB. */
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is when text, as JSON otherwise. */
  readonly body: unknown;
}

/** Why a service refuses: its own limit, or a fault that was switched on. */
export interface Refusal {
  readonly kind: 'rate' | 'quota' | 'shed' | 'status' | 'auth';
  readonly status?: number;
}

/** One service's wire protocol. Answers depend on the request alone; limits, latency and faults happen around it. */
export interface Protocol {
  readonly provider: ProviderName;
  /** Whether a refusal by the rate limit says how long to stay away. */
  readonly announcesRetryAfter: boolean;
  answer(request: SandboxRequest): Reply;
  /** What the hosts answer that it redirects to; the path is below their common prefix. */
  answerBehind?(request: SandboxRequest): Reply;
  /** The refusal in the service's own words. */
  refuse(refusal: Refusal): Reply;
  /** Changes a good body as the fault says; a body that the fault cannot concern stays as it is. */
  distort(kind: Distortion, body: unknown): unknown;
}
