/** The HTTP API in the process of the test, on the servers of its pipeline, with a key for everybody who may come. */
import { createKey } from '../../shared/access/keys.ts';
import type { Scope } from '../../shared/access/api-key.ts';
import { loadConfig } from '../../services/api/config.ts';
import { openService } from '../../services/api/service.ts';
import { SILENT } from '../../shared/observability/log.ts';
import type { Environment } from '../../shared/runtime/environment.ts';
import { testLifecycle, type TestPipeline } from '../pipeline.ts';

/** `stranger` is an operator of another owner; `nobody` shows no key. */
export const CALLERS = ['nobody', 'stranger', 'viewer', 'operator', 'admin'] as const;
export type Caller = (typeof CALLERS)[number];

export const OWNER = 'shop';
export const STRANGER = 'other';

export interface Ask {
  readonly as?: Caller;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  /** Sent as JSON, unless it is text, bytes or a form. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface TestApi {
  readonly url: string;
  /** What was answered and is not documented. */
  readonly undocumented: readonly string[];
  readonly keys: Readonly<Record<Exclude<Caller, 'nobody'>, string>>;
  /** As the operator, unless somebody else is named. */
  ask(path: string, ask?: Ask): Promise<Response>;
  /** The JSON of an answer that has this status. */
  json<T = Record<string, unknown>>(path: string, ask?: Ask & { readonly status?: number }): Promise<T>;
  close(): Promise<void>;
}

const SETTINGS = {
  API_HOST: '127.0.0.1',
  API_PORT: '0',
  API_RATE_LIMIT: '100000/1s',
  API_FAILURE_LIMIT: '100000/1s',
};

let processes = 0;

export async function openTestApi(pipeline: TestPipeline, env: Environment = {}): Promise<TestApi> {
  const { lifecycle, stop } = testLifecycle();
  const undocumented: string[] = [];
  const service = await openService({
    config: loadConfig({ ...pipeline.env, ...SETTINGS, ...env }),
    env: pipeline.env,
    log: SILENT,
    lifecycle,
    processId: `test-api-${processes++}`,
    onUndocumented: ({ name }, problem) => undocumented.push(`${name}: ${problem}`),
  });
  const make = async (scope: Scope, owner: string): Promise<string> =>
    (await createKey({ pool: pipeline.db, actor: 'test' }, { name: `test ${scope}`, owner, scope })).text;
  const keys = {
    stranger: await make('operator', STRANGER),
    viewer: await make('viewer', OWNER),
    operator: await make('operator', OWNER),
    admin: await make('admin', OWNER),
  };
  const ask = async (path: string, asked: Ask = {}): Promise<Response> => {
    const { as = 'operator', body, method = body === undefined ? 'GET' : 'POST', headers, signal } = asked;
    const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData;
    return fetch(service.url + path, {
      method,
      headers: {
        ...(as !== 'nobody' && { authorization: `Bearer ${keys[as]}` }),
        ...(body !== undefined && !isRaw && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isRaw ? (body as string | FormData) : JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  };
  return {
    url: service.url,
    undocumented,
    keys,
    ask,
    json: async <T>(path: string, { status = 200, ...asked }: Ask & { readonly status?: number } = {}) => {
      const response = await ask(path, asked);
      const text = await response.text();
      if (response.status !== status)
        throw new Error(`${path}: ${response.status} instead of ${status}: ${text}`);
      return JSON.parse(text) as T;
    },
    close: () => stop(),
  };
}
