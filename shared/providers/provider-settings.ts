import {
  decimal,
  integer,
  rate,
  type Rate,
  type Setting,
  type SettingSpecs,
} from '../runtime/environment.ts';
import type { ProviderDefinition } from './provider.ts';

const DAY_SECONDS = 86_400;

interface LimitSettings {
  readonly rate: Setting<Rate>;
  readonly dailyBudget: Setting<number>;
  readonly costPerRequestUsd: Setting<number>;
  readonly maxInFlight: Setting<number>;
  readonly timeoutMs: Setting<number>;
  readonly attempts: Setting<number>;
  readonly hitTtlSeconds: Setting<number>;
  readonly missTtlSeconds: Setting<number>;
}

/** The settings that every provider has, with its own defaults; its licence bounds how long answers are kept. */
export function limitSettings({ name, title, limits, costPerRequestUsd }: ProviderDefinition): LimitSettings {
  const key = (suffix: string) => `${name.toUpperCase()}_${suffix}`;
  const licensed = { min: 60, max: limits.maxTtlSeconds };
  const reason = `Its terms allow ${Math.floor(limits.maxTtlSeconds / DAY_SECONDS)} days at most.`;
  return {
    rate: rate(key('RATE_LIMIT'), {
      doc: `Requests to ${title} per window, for all workers together.`,
      default: limits.rate,
    }),
    dailyBudget: integer(key('DAILY_BUDGET'), {
      doc: `Requests to ${title} per day, for all workers together; 0 = no limit.`,
      default: String(limits.dailyBudget),
      min: 0,
      max: 100_000_000,
    }),
    costPerRequestUsd: decimal(key('COST_PER_REQUEST_USD'), {
      doc: `What a request to ${title} costs under your contract, in USD: for metrics, jobs and \`enrich providers\`.`,
      default: String(costPerRequestUsd),
      min: 0,
      max: 100,
    }),
    maxInFlight: integer(key('MAX_IN_FLIGHT'), {
      doc: `Most requests to ${title} at a time, in one process.`,
      default: String(limits.maxInFlight),
      min: 1,
      max: 1_000,
    }),
    timeoutMs: integer(key('TIMEOUT_MS'), {
      doc: `Longest time for a request to ${title}, from the slot to the last byte, in milliseconds.`,
      default: String(limits.timeoutMs),
      min: 100,
      max: 120_000,
    }),
    attempts: integer(key('ATTEMPTS'), {
      doc: `Tries of a look-up at ${title} that ends in a transient fault; a rate limit costs none.`,
      default: String(limits.attempts),
      min: 1,
      max: 20,
    }),
    hitTtlSeconds: integer(key('HIT_TTL_SECONDS'), {
      doc: `How long a match from ${title} is kept, in seconds. ${reason}`,
      default: String(limits.hitTtlSeconds),
      ...licensed,
    }),
    missTtlSeconds: integer(key('MISS_TTL_SECONDS'), {
      doc: `How long it is remembered that ${title} has no clear match, in seconds.`,
      default: String(limits.missTtlSeconds),
      ...licensed,
    }),
  };
}

/** All settings of a provider, its own first: what docs/configuration.md lists. */
export const providerSettings = (definition: ProviderDefinition): SettingSpecs => ({
  ...definition.settings,
  ...limitSettings(definition),
});
