import type { ProviderFacts } from './provider-report.ts';
import { openProvider } from '../providers/open-provider.ts';
import { listProviders, loadProvider } from '../providers/registry.ts';
import type { Environment } from '../runtime/environment.ts';

/** What the environment of this process says of every provider: workers that beat know better. Throws ConfigError. */
export async function configuredProviders(
  env: Environment,
  sandboxUrl: string,
): Promise<ReadonlyMap<string, ProviderFacts['configured']>> {
  const found = new Map<string, ProviderFacts['configured']>();
  for (const name of listProviders()) {
    const opened = openProvider(await loadProvider(name), env, {
      ...(sandboxUrl === '' ? {} : { sandboxUrl }),
      tools: () => NO_TOOLS,
    });
    found.set(name, {
      mode: opened.mode,
      missing: opened.mode === 'off' ? opened.missing : [],
      rate: opened.limits.rate,
      dailyBudget: opened.limits.dailyBudget,
      costPerRequestUsd: opened.limits.costPerRequestUsd,
    });
  }
  return found;
}

const never = (): Promise<never> => Promise.reject(new Error('nothing is asked here'));
const NO_TOOLS = { tokens: { get: never, discard: never }, userAgent: '', fetch: never };
