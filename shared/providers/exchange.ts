import { ProviderError } from '../task/provider-error.ts';
import { fetchApi } from './fetch-json.ts';
import type { ApiRequest } from './provider.ts';

export interface ExchangeOptions {
  readonly provider: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** See `FetchInit`. */
  readonly onSent?: () => void;
  /** Called with the status of the answer, whatever it means. */
  readonly onStatus?: (status: number) => void;
}

/**
 * Sends a request once and reads the answer: credentials, HTTP, the provider's table of errors, the schema. What comes
 * back is safe to cache. Throws ProviderError; a shape that the schema refuses is `contract` and names the first paths
 * that differ, never their values.
 */
export async function exchange<T>(request: ApiRequest<T>, options: ExchangeOptions): Promise<T> {
  const url = new URL(request.url);
  const credentials = (await request.authorize?.(url, options.signal)) ?? {};
  const response = await fetchApi(
    url,
    {
      method: 'GET',
      headers: { accept: 'application/json', ...request.headers, ...credentials },
      timeoutMs: options.timeoutMs,
      provider: options.provider,
      ...(options.onSent && { onSent: options.onSent }),
      ...(request.redirectHosts === undefined ? {} : { redirectHosts: request.redirectHosts }),
    },
    options.signal,
  );
  options.onStatus?.(response.status);
  const verdict = request.classify(response);
  if (verdict instanceof ProviderError) throw verdict;
  if (verdict === 'miss') return request.empty;
  const parsed = request.schema.safeParse(response.json);
  if (parsed.success) return parsed.data;
  const paths = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join('.')}: ${issue.code}`);
  throw new ProviderError(options.provider, 'contract', `answer of an unknown shape (${paths.join('; ')})`, {
    status: response.status,
  });
}

/**
 * Runs `send`, and after a refused token once more with a new one. Each run is a request of its own and needs a slot
 * of its own: `send` takes it.
 */
export async function withRenewal<T>(request: ApiRequest<T>, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    const refused = error instanceof ProviderError && error.kind === 'auth';
    if (!refused || request.reauthorize === undefined) throw error;
    await request.reauthorize();
    return send();
  }
}
