import { readSettings, type Environment, type Rate } from '../runtime/environment.ts';
import { limitSettings } from './provider-settings.ts';
import { listProviders, loadProvider } from './registry.ts';

export interface ConfiguredRates {
  readonly rates: ReadonlyMap<string, Rate>;
  /** Of one request, in USD. */
  readonly costs: ReadonlyMap<string, number>;
}

/**
 * As configured here: the workers may have been told other limits and prices. Without providers that add to what others found: what
 * they would be asked is known only from the answers of those. Throws ConfigError.
 */
export async function configuredRates(env?: Environment): Promise<ConfiguredRates> {
  const rates = new Map<string, Rate>();
  const costs = new Map<string, number>();
  for (const name of listProviders()) {
    const definition = await loadProvider(name);
    if (definition.supplement !== undefined) continue;
    const { rate, costPerRequestUsd } = limitSettings(definition);
    const configured = readSettings({ rate, costPerRequestUsd }, env);
    rates.set(name, configured.rate);
    costs.set(name, configured.costPerRequestUsd);
  }
  return { rates, costs };
}
