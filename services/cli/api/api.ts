/** The HTTP API as the command line asks it. */
import { z } from 'zod';
import { ApiRefusal, ApiUnreachable } from './api-errors.ts';

export interface ApiAddress {
  readonly url: string;
  /** Empty = none is shown, for an API in open mode. */
  readonly key: string;
}

export interface Ask {
  readonly method?: 'GET' | 'POST';
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Read while it is sent, no faster than the API takes it. */
  readonly body?: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

const problemSchema = z.object({
  code: z.string().catch(''),
  title: z.string().catch(''),
  detail: z.string().catch(''),
  instance: z.string().catch(''),
  errors: z.array(z.object({ pointer: z.string(), message: z.string() })).catch([]),
});

/** Rejects with ApiUnreachable, ApiRefusal, or the reason of the signal. The body of the response is yet to be read. */
export async function askApi({ url, key }: ApiAddress, path: string, ask: Ask): Promise<Response> {
  const { method = 'GET', query = {}, headers, body, signal } = ask;
  const target = new URL(url + path);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) target.searchParams.set(name, value);
  try {
    const response = await fetch(target, {
      method,
      headers: { ...(key !== '' && { authorization: `Bearer ${key}` }), ...headers },
      // The key is for this address and for no other.
      redirect: 'error',
      signal,
      ...(body && { body: ReadableStream.from(body), duplex: 'half' as const }),
    });
    if (response.ok) return response;
    throw await refusalIn(response);
  } catch (error) {
    throw unreachable(url, error, signal);
  }
}

/** The JSON of an answer. Rejects as `askApi` does. */
export async function askJson<T>(
  address: ApiAddress,
  path: string,
  schema: z.ZodType<T>,
  ask: Ask,
): Promise<T> {
  const response = await askApi(address, path, ask);
  try {
    return schema.parse(await response.json());
  } catch (error) {
    if (error instanceof z.ZodError)
      throw new Error(`${address.url} answers something else than this version understands`, {
        cause: error,
      });
    throw unreachable(address.url, error, ask.signal);
  }
}

/** A failed fetch as ApiUnreachable, any other error as it is. */
export function unreachable(url: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  // What fetch and its bodies fail with; a file that cannot be written is something else.
  const { name, cause = error } = error as Error;
  if (name !== 'TypeError') return error;
  const { code, message } = cause as NodeJS.ErrnoException;
  const why = code === 'ECONNREFUSED' ? 'nothing listens there' : message;
  return new ApiUnreachable(`the HTTP API at ${url} does not answer: ${why}`, { cause: error });
}

async function refusalIn(response: Response): Promise<ApiRefusal> {
  const { status } = response;
  const body = problemSchema.catch({ code: '', title: '', detail: '', instance: '', errors: [] });
  const text = await response.text();
  const { code, title, detail, instance, errors } = body.parse(jsonIn(text));
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiRefusal({
    status,
    code,
    detail: detail || title || `the API answers ${status}`,
    faults: errors.map(({ pointer, message }) => `${pointer}: ${message}`),
    ...(retryAfter >= 0 && { retryAfterSeconds: retryAfter }),
    ...(instance !== '' && { requestId: instance.replace(/^urn:request:/, '') }),
  });
}

/** A proxy answers for an API that is away, and not in JSON. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
