/** Declares exchanges, queues and bindings, says what it created and found, and exits: 1 when something differs. */
import { SILENT } from '../../shared/observability/log.ts';
import { pipelines } from '../../shared/pipelines/registry.ts';
import { listProviders } from '../../shared/providers/registry.ts';
import { Connection } from '../../shared/rabbitmq/connection.ts';
import { declareTopology, messagesIn } from '../../shared/rabbitmq/declare.ts';
import { openManagement } from '../../shared/rabbitmq/management.ts';
import { laneQueue, misnamedBacklog, topologyOf } from '../../shared/rabbitmq/topology.ts';
import { ConfigError } from '../../shared/runtime/environment.ts';
import { type Config, loadConfig } from './config.ts';
import { reportLines } from './report.ts';

async function run(config: Config): Promise<number> {
  const prefixes = pipelines.map(({ prefix }) => prefix);
  const topology = topologyOf({ prefixes, providers: listProviders(), queueType: config.queueType });
  const connection = new Connection({
    url: config.rabbitmqUrl,
    name: 'enrichment-queue-init',
    log: SILENT,
  }).start();
  try {
    const model = await reached(connection, config);
    const management = openManagement(config.managementUrl, config.rabbitmqUrl);
    const report = await declareTopology(model, topology, (queue) => management.queueArguments(queue));
    for (const line of reportLines(report, config.queueType)) process.stdout.write(`${line}\n`);
    for (const prefix of prefixes) {
      const lost = (await messagesIn(model, misnamedBacklog(prefix))) ?? 0;
      if (lost > 0) {
        process.stderr.write(
          `warning: ${misnamedBacklog(prefix)} holds ${lost} messages that nobody reads: the backlog is ` +
            `${laneQueue(prefix, 'backlog')}. Publish there, and move these with a shovel in the management UI.\n`,
        );
      }
    }
    return report.some(({ status }) => status === 'drift') ? 1 : 0;
  } finally {
    await connection.close();
  }
}

/** A broker that is still starting is waited for; one that refuses the login would look like that, so the reason is told. */
async function reached(connection: Connection, config: Config): ReturnType<Connection['ready']> {
  try {
    return await connection.ready(AbortSignal.timeout(config.waitSeconds * 1_000));
  } catch (error) {
    const { host, pathname } = new URL(config.rabbitmqUrl);
    const why = (connection.lastError ?? (error as Error)).message;
    throw new Error(
      `RabbitMQ at ${host}${pathname} could not be used within ${config.waitSeconds} s: ${why}\n` +
        'RABBITMQ_URL names the broker; QUEUE_INIT_WAIT_SECONDS says how long it is waited for.',
      { cause: error },
    );
  }
}

try {
  process.exitCode = await run(loadConfig());
} catch (error) {
  process.stderr.write(`queue-init: ${(error as Error).message}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
