import { readSettings, type Environment, type Rate, type SettingSpecs } from '../runtime/environment.ts';
import { limitSettings } from './provider-settings.ts';
import type { Provider, ProviderDefinition, ProviderTools } from './provider.ts';

/** The limits in force: the provider's defaults, or what the environment says instead. */
export interface LimitsInForce {
  readonly rate: Rate;
  readonly dailyBudget: number;
  readonly costPerRequestUsd: number;
  readonly maxInFlight: number;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly ttl: { readonly hitSeconds: number; readonly missSeconds: number; readonly maxSeconds: number };
}

interface Opened {
  readonly name: string;
  readonly definition: ProviderDefinition;
  readonly limits: LimitsInForce;
}

/** `off`: credentials are missing (`missing` names their keys), so the provider is left out of every chain. */
export type OpenProvider =
  | (Opened & { readonly mode: 'live' | 'sandbox'; readonly provider: Provider })
  | (Opened & { readonly mode: 'off'; readonly missing: readonly string[] });

export interface OpenProviderOptions {
  /** Base URL of the sandbox, without a slash at its end. */
  readonly sandboxUrl?: string;
  /** Made once the limits are known, since a token request keeps the provider's timeout too. */
  readonly tools: (limits: LimitsInForce) => ProviderTools;
}

/**
 * Reads the provider's settings and makes it ready; no I/O. With a sandbox, a provider whose secrets are not all given,
 * or that needs none, speaks to the sandbox under placeholder credentials: a half-configured one never sends the
 * half that it has to a stranger. Without a sandbox it is off. Throws ConfigError.
 */
export function openProvider(
  definition: ProviderDefinition,
  env: Environment,
  { sandboxUrl, tools }: OpenProviderOptions,
): OpenProvider {
  const limits = limitsInForce(definition, env);
  const opened = { name: definition.name, definition, limits };
  const secrets = Object.entries(definition.settings).filter(([, setting]) => setting.secret);
  const own = readSettings(definition.settings, env);
  const missing = secrets.filter(([name]) => own[name] === '').map(([, setting]) => setting.key);
  const complete = missing.length === 0;
  if (sandboxUrl !== undefined && (!complete || secrets.length === 0)) {
    const settings = readSettings(definition.settings, { ...env, ...sandboxed(definition, sandboxUrl) });
    return { ...opened, mode: 'sandbox', provider: definition.open(settings, tools(limits)) };
  }
  if (!complete) return { ...opened, mode: 'off', missing };
  return { ...opened, mode: 'live', provider: definition.open(own, tools(limits)) };
}

function limitsInForce(definition: ProviderDefinition, env: Environment): LimitsInForce {
  // The type of limitSettings is narrower than what readSettings takes: an interface has no index signature.
  const { hitTtlSeconds, missTtlSeconds, ...rest } = readSettings({ ...limitSettings(definition) }, env);
  const ttl = {
    hitSeconds: hitTtlSeconds,
    missSeconds: missTtlSeconds,
    maxSeconds: definition.limits.maxTtlSeconds,
  };
  return { ...rest, ttl };
}

/** What the environment would say if the sandbox were the service. */
function sandboxed(definition: ProviderDefinition, sandboxUrl: string): Environment {
  const settings: SettingSpecs = definition.settings;
  const values: Record<string, string> = {};
  for (const [name, { key, secret }] of Object.entries(settings)) {
    const path = definition.sandboxPaths[name];
    if (secret) values[key] = `sandbox-${definition.name}-${name}`;
    else if (path !== undefined) values[key] = `${sandboxUrl.replace(/\/+$/, '')}${path}`;
  }
  return values;
}
