/** One list for both sides: what the sandbox allows is what the workers are told to keep. */
import { listProviders } from '../../shared/providers/registry.ts';

const FAST: Readonly<Record<string, string>> = { spotify: '600/10s', tmdb: '1000/10s' };
const LIMITS = Object.fromEntries(listProviders().map((name) => [name, FAST[name] ?? '400/10s']));
const IN_FLIGHT = '20';
/** A tenth of what users of the services report. */
const LATENCY = '0.1';

export function sandboxEnvironment(port: number, seed: number): Record<string, string> {
  const limits = Object.entries(LIMITS).map(([name, limit]) => [
    `PROVIDER_SANDBOX_${name.toUpperCase()}_LIMIT`,
    limit,
  ]);
  return {
    PROVIDER_SANDBOX_HOST: '127.0.0.1',
    PROVIDER_SANDBOX_PORT: String(port),
    PROVIDER_SANDBOX_LATENCY: LATENCY,
    PROVIDER_SANDBOX_SEED: String(seed),
    PROVIDER_SANDBOX_TMDB_CONNECTIONS: '100',
    ...(Object.fromEntries(limits) as Record<string, string>),
  };
}

export function workerLimits(): Record<string, string> {
  const settings = Object.entries(LIMITS).flatMap(([name, limit]) => {
    const key = name.toUpperCase();
    return [
      [`${key}_RATE_LIMIT`, limit],
      [`${key}_MAX_IN_FLIGHT`, IN_FLIGHT],
      [`${key}_DAILY_BUDGET`, '0'],
    ];
  });
  return Object.fromEntries(settings) as Record<string, string>;
}
