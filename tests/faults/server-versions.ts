import type { StackUrls } from '../../infra/local-stack/state.ts';
import { manage } from '../management-api.ts';
import { runAlone } from '../template-database.ts';
import { withRedis } from './redis-server.ts';

/** Of everything that took part, for the head of a table of results. */
export async function serverVersions(urls: StackUrls): Promise<Record<string, string>> {
  const { rabbitmq_version: rabbitmq } = (await manage(urls.RABBITMQ_MANAGEMENT_URL, {
    method: 'GET',
    path: '/api/overview',
  })) as { rabbitmq_version: string };
  const info = await withRedis(urls.REDIS_URL, (redis) => redis.info('server'));
  const [postgres] = (await runAlone(urls.DATABASE_URL, 'show server_version')) as {
    server_version: string;
  }[];
  return {
    Node: process.version.slice(1),
    RabbitMQ: rabbitmq,
    Redis: /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown',
    PostgreSQL: postgres?.server_version.split(' ')[0] ?? 'unknown',
  };
}
