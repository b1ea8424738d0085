/**
 * The command line in a clone: without a word about addresses in the environment it means the system that `npm start` runs
 * there. All of them or none: a database of somebody else and a broker of this clone have nothing to do with each other.
 */
import { currentEnvironment, provideEnvironment } from '../../shared/runtime/environment.ts';
import { instanceOf } from '../local-stack/instance.ts';
import { readState } from '../local-stack/state.ts';
import { keyFileOf } from './local-key.ts';
import { readRecord } from './system-record.ts';

const ADDRESSES = ['RABBITMQ_URL', 'REDIS_URL', 'DATABASE_URL', 'ENRICHMENT_API_URL', 'ENRICHMENT_API_KEY'];

function localAddresses(): Readonly<Record<string, string>> {
  const env = currentEnvironment();
  const isSaid = (key: string): boolean => (env[key] ?? '') !== '';
  if (ADDRESSES.some((key) => isSaid(key) || isSaid(`${key}_FILE`))) return {};
  const instance = instanceOf('main');
  const processes = readRecord(instance)?.processes ?? [];
  const urlOf = (name: string): string | undefined => processes.find((one) => one.name === name)?.url;
  const sandbox = urlOf('provider-sandbox');
  const api = urlOf('api');
  return {
    ...readState(instance)?.urls,
    ...(sandbox !== undefined && !isSaid('PROVIDER_SANDBOX_URL') && { PROVIDER_SANDBOX_URL: sandbox }),
    ...(api !== undefined && {
      ENRICHMENT_API_URL: api,
      ENRICHMENT_API_KEY_FILE: keyFileOf(instance),
    }),
  };
}

provideEnvironment(localAddresses());
await import('../../services/cli/main.ts');
