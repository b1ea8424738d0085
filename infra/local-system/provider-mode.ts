/** Whom the workers ask, said in the environment of a worker. */
import type { ProviderDefinition } from '../../shared/providers/provider.ts';
import { listProviders, loadProvider } from '../../shared/providers/registry.ts';
import type { Environment } from '../../shared/runtime/environment.ts';

export type ProviderMode =
  | { readonly kind: 'live' }
  /** Limits are multiplied by the speed and latencies by the latency: 20 and 0.1 give the same shape, only faster. */
  | { readonly kind: 'sandbox'; readonly speed: number; readonly latency: number };

/** The machine's own delays do not shrink with the latency: with this many times the requests in flight they do not cost rate. */
const IN_FLIGHT_MARGIN = 4;

/** Every provider that there is, by name. */
export async function loadProviders(): Promise<readonly ProviderDefinition[]> {
  const definitions: ProviderDefinition[] = [];
  for (const name of listProviders()) definitions.push(await loadProvider(name));
  return definitions;
}

/**
 * With the sandbox credentials are taken away, so that no request leaves the machine, and limits follow its speed. At
 * speed 1 the limits are those of the services, or what the environment says.
 */
export function providerEnvironment(
  definitions: readonly ProviderDefinition[],
  mode: ProviderMode,
  sandboxUrl: string,
): Record<string, string> {
  if (mode.kind === 'live') return { PROVIDER_SANDBOX_URL: '' };
  const env: Record<string, string> = { PROVIDER_SANDBOX_URL: sandboxUrl };
  for (const definition of definitions) {
    for (const { key, secret } of Object.values(definition.settings)) {
      if (secret) Object.assign(env, { [key]: '', [`${key}_FILE`]: '' });
    }
    if (mode.speed !== 1) Object.assign(env, scaledLimits(definition, mode));
  }
  return env;
}

const SCALED = /_(RATE_LIMIT|DAILY_BUDGET|MAX_IN_FLIGHT)$/;

/** One line about the limits that a speed sets, and which ones of the environment do not count; undefined = it sets none. */
export function speedNotice(
  mode: ProviderMode,
  providerEnv: Environment,
  env: Environment,
): string | undefined {
  if (mode.kind === 'live' || mode.speed === 1) return undefined;
  const ignored = Object.keys(providerEnv).filter((key) => SCALED.test(key) && (env[key] ?? '') !== '');
  const note = `--speed ${mode.speed} sets the rate, the daily budget and the requests in flight of every provider`;
  return ignored.length === 0 ? note : `${note}; not from the environment: ${ignored.join(', ')}`;
}

function scaledLimits(
  { name, limits }: ProviderDefinition,
  { speed, latency }: { readonly speed: number; readonly latency: number },
): Record<string, string> {
  const [count = '1', window = 's'] = limits.rate.split('/');
  const inFlight = Math.ceil(limits.maxInFlight * Math.max(1, speed * latency) * IN_FLIGHT_MARGIN);
  const key = name.toUpperCase();
  return {
    [`${key}_RATE_LIMIT`]: `${Math.max(1, Math.floor(Number(count) * speed))}/${window}`,
    [`${key}_DAILY_BUDGET`]: String(Math.ceil(limits.dailyBudget * speed)),
    [`${key}_MAX_IN_FLIGHT`]: String(Math.min(1_000, inFlight)),
  };
}
