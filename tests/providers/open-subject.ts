import type { Answer } from '../../shared/task/answer.ts';
import { pipelines } from '../../shared/pipelines/registry.ts';
import { exchange, withRenewal } from '../../shared/providers/exchange.ts';
import { fetchApi } from '../../shared/providers/fetch-json.ts';
import { lookUp } from '../../shared/providers/look-up.ts';
import { openProvider, type LimitsInForce } from '../../shared/providers/open-provider.ts';
import type { Call, ProviderDefinition, ProviderTools, TokenStore } from '../../shared/providers/provider.ts';
import type { ProviderSamples, Sample } from '../../shared/providers/samples.ts';

export const NOW = Date.UTC(2026, 0, 15);
export const USER_AGENT = 'enrichment-tests/1.0 ( https://example.org )';

/** A provider under test, speaking to a local server as if it were the live service. */
export interface Subject {
  lookUp(signal?: AbortSignal): Promise<Answer>;
  /** Of all requests so far. */
  readonly keys: readonly string[];
}

export function openSubject(
  definition: ProviderDefinition,
  samples: ProviderSamples,
  { url, sample, timeoutMs = 5_000 }: { url: string; sample?: Sample; timeoutMs?: number },
): Subject {
  const env: Record<string, string> = {
    ...samples.env,
    ...sample?.env,
    [`${definition.name.toUpperCase()}_TIMEOUT_MS`]: String(timeoutMs),
  };
  for (const [name, path] of Object.entries(definition.sandboxPaths)) {
    const key = definition.settings[name]?.key;
    if (key !== undefined) env[key] = `${url}${path}`;
  }
  const opened = openProvider(definition, env, { tools: (limits) => toolsFor(definition.name, limits) });
  // Whatever has complete settings is live: the local server takes the service's place.
  if (opened.mode !== 'live') throw new Error(`${definition.name}: the samples lack credentials`);
  const pipeline = pipelines.find(({ kind }) => kind === definition.kind);
  if (pipeline === undefined) throw new Error(`${definition.name}: no pipeline of kind '${definition.kind}'`);
  const keys: string[] = [];
  return {
    keys,
    lookUp(signal = new AbortController().signal) {
      let requests = 0;
      const call: Call = (request) =>
        withRenewal(request, async () => {
          requests += 1;
          keys.push(request.key);
          const data = await exchange(request, {
            provider: definition.name,
            timeoutMs: opened.limits.timeoutMs,
            signal,
          });
          // What the response cache will hold is read again by the same schema.
          expect(request.schema.parse(JSON.parse(JSON.stringify(data)))).toEqual(data);
          return data;
        });
      return lookUp(opened.provider, {
        name: definition.name,
        query: sample?.query ?? samples.query,
        ...(definition.supplement === undefined && {
          matcher: {
            judge: (query, candidates) => pipeline.judge(query, candidates),
            version: 'test',
          },
        }),
        call,
        requests: () => requests,
        now: () => NOW,
        ttl: opened.limits.ttl,
      });
    },
  };
}

const toolsFor = (provider: string, limits: LimitsInForce): ProviderTools => ({
  tokens: tokensInMemory(),
  fetch: (url, init, signal) => fetchApi(url, { ...init, timeoutMs: limits.timeoutMs, provider }, signal),
  userAgent: USER_AGENT,
});

function tokensInMemory(): TokenStore {
  let current: string | undefined;
  return {
    async get(fetchToken, signal) {
      current ??= (await fetchToken(signal)).token;
      return current;
    },
    async discard(token) {
      if (current === token) current = undefined;
    },
  };
}
