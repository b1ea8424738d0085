import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { checkTarget, judgingLookup, type TargetPolicy, TargetRefused } from './target-policy.ts';

/** What one try came to. */
export type PostOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterMs?: number }
  /** `isRefused`: the place is not allowed, so no connection was made. `error` is for the owner of the endpoint. */
  | { readonly kind: 'unreached'; readonly error: string; readonly isRefused: boolean };

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly policy: TargetPolicy;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * One POST on a connection of its own. Redirects are not followed; of the answer nothing but the head is read. Never
 * rejects: what went wrong is an outcome. Once the signal is aborted it ends as `unreached`.
 */
export async function postMessage(post: Post): Promise<PostOutcome> {
  try {
    const target = checkTarget(post.url, post.policy);
    return await exchange(target, post);
  } catch (error) {
    return {
      kind: 'unreached',
      error: describe(error as NodeJS.ErrnoException, post.timeoutMs),
      isRefused: error instanceof TargetRefused,
    };
  }
}

function exchange(
  target: URL,
  { headers, body, policy, timeoutMs, signal }: Post,
): Promise<Extract<PostOutcome, { kind: 'answered' }>> {
  const request = target.protocol === 'https:' ? requestSecure : requestPlain;
  return new Promise((resolve, reject) => {
    const sent = request(target, {
      method: 'POST',
      agent: false,
      lookup: judgingLookup(policy),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'enrichment-pipeline webhooks',
        ...headers,
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      // The body is nobody's business, and may be endless.
      response.on('error', () => undefined).destroy();
      const retryAfterMs = retryAfterOf(response.headers['retry-after']);
      resolve({
        kind: 'answered',
        status: response.statusCode ?? 0,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      });
    });
    sent.end(body);
  });
}

const LONGEST_WAIT_MS = 86_400_000;

function retryAfterOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(LONGEST_WAIT_MS, Math.max(0, ms));
}

/** In words of ours: texts of the system name addresses inside our network. */
function describe(error: NodeJS.ErrnoException, timeoutMs: number): string {
  if (error instanceof TargetRefused) return `refused: ${error.message}`;
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1_000} s`;
  if (error.name === 'AbortError')
    return (error.cause as Error | undefined)?.name === 'TimeoutError'
      ? `no answer within ${timeoutMs / 1_000} s`
      : 'the process stopped while it was sent';
  return error.code ?? 'the connection failed';
}
