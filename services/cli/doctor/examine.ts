/** Every server that the environment names, looked at from here with the logins of here. */
import { lookAtSystem } from '../../../shared/controls/look-at-system.ts';
import { pipelines } from '../../../shared/pipelines/registry.ts';
import { inspectPostgres } from '../../../shared/postgres/inspect-postgres.ts';
import { listProviders } from '../../../shared/providers/registry.ts';
import { type BrokerFacts, inspectBroker } from '../../../shared/rabbitmq/inspect-broker.ts';
import { topologyOf } from '../../../shared/rabbitmq/topology.ts';
import { inspectRedis } from '../../../shared/redis/inspect-redis.ts';
import { askApi } from '../api/api.ts';
import { ApiRefusal } from '../api/api-errors.ts';
import type { Config } from '../config.ts';
import { withSystem } from '../controls/with-system.ts';
import { brokerFindings } from './broker-findings.ts';
import { type Finding, finding } from './finding.ts';
import { migrationsFolder } from './migrations-folder.ts';
import { postgresFindings } from './postgres-findings.ts';
import { prefetchFindings } from './prefetch-findings.ts';
import { redisFindings } from './redis-findings.ts';
import { systemFindings } from './system-findings.ts';
import { topologyFindings } from './topology-findings.ts';

const API_TIMEOUT_MS = 5_000;

/** @param isApiNamed whether the environment says where the HTTP API is: else there need not be one */
export async function examine(config: Config, isApiNamed: boolean): Promise<readonly Finding[]> {
  const { rabbitmqUrl, managementUrl, redisUrl, databaseUrl, queueType } = config;
  const prefixes = pipelines.map(({ prefix }) => prefix);
  const topology = topologyOf({ prefixes, providers: listProviders(), queueType });
  let broker: BrokerFacts | undefined;
  const findings = await Promise.all([
    reached('RabbitMQ', rabbitmqUrl, async () => {
      broker = await inspectBroker({ amqpUrl: rabbitmqUrl, managementUrl }, topology);
      return [...brokerFindings(broker), ...topologyFindings(broker, topology)];
    }),
    reached('Redis', redisUrl, async () => redisFindings(await inspectRedis(redisUrl))),
    reached('Postgres', databaseUrl, async () =>
      postgresFindings(await inspectPostgres(databaseUrl, migrationsFolder())),
    ),
    isApiNamed ? apiFindings(config) : [],
  ]);
  const found = findings.flat();
  // Without one of them, or without tables, there is nothing more to see.
  const isUsable = !found.some(
    ({ check, severity }) => severity === 'away' || (check === 'postgres.migrations' && severity === 'error'),
  );
  return isUsable ? [...found, ...(await atWork(broker))] : found;
}

/** A server that cannot be used is a finding, with where it should be and without the login. */
async function reached(
  server: string,
  address: string,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    const { host, pathname } = new URL(address);
    const { message, code } = error as NodeJS.ErrnoException;
    const reason = message === '' ? (code ?? 'no answer') : message;
    const key = { RabbitMQ: 'RABBITMQ_URL', Redis: 'REDIS_URL', Postgres: 'DATABASE_URL' }[server] ?? '';
    return [
      finding(
        `${server.toLowerCase()}.reached`,
        'away',
        `${server} at ${host}${pathname} cannot be used: ${reason}`,
        `start it, or set ${key} to where it is; docs/runbooks/${server === 'RabbitMQ' ? 'Rabbitmq' : server}Down.md`,
      ),
    ];
  }
}

const atWork = async (broker: BrokerFacts | undefined): Promise<readonly Finding[]> => {
  const status = await withSystem(lookAtSystem);
  return [...systemFindings(status), ...prefetchFindings(broker?.consumers ?? [], status.providers)];
};

async function apiFindings({ apiUrl: url, apiKey: key }: Config): Promise<readonly Finding[]> {
  try {
    const signal = AbortSignal.timeout(API_TIMEOUT_MS);
    const response = await askApi({ url, key }, '/v1/jobs', { query: { limit: '1' }, signal });
    await response.body?.cancel();
    return [finding('api.reached', 'ok', `the HTTP API at ${url} answers and takes the key`)];
  } catch (error) {
    const fix =
      error instanceof ApiRefusal
        ? 'ENRICHMENT_API_KEY: enrich keys create makes one'
        : 'docker compose up -d api, or ENRICHMENT_API_URL';
    return [finding('api.reached', 'error', (error as Error).message, fix)];
  }
}
