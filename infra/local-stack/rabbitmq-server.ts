import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { exchange } from './exchange.ts';
import { checkRabbitmq } from './health.ts';
import type { PrivateServer, ServerSetup } from './private-server.ts';
import { plainEnvironment } from './server-process.ts';
import type { StackUrls } from './state.ts';

type BrokerUrls = Pick<StackUrls, 'RABBITMQ_URL' | 'RABBITMQ_MANAGEMENT_URL'>;
const portOf = ({ ports }: ServerSetup, name: string): number => ports[name] ?? 0;

const urls = (setup: ServerSetup): BrokerUrls => ({
  RABBITMQ_URL: `amqp://musicdb:${setup.password}@127.0.0.1:${portOf(setup, 'amqp')}/musicdb`,
  RABBITMQ_MANAGEMENT_URL: `http://musicdb:${setup.password}@127.0.0.1:${portOf(setup, 'management')}`,
});

/** User and virtual host are made at the first start and live in the data from then on. */
const configuration = (setup: ServerSetup): string => `
listeners.tcp.1 = 127.0.0.1:${portOf(setup, 'amqp')}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${portOf(setup, 'management')}
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = ${portOf(setup, 'prometheus')}
default_user = musicdb
default_pass = ${setup.password}
default_vhost = musicdb
default_user_tags.administrator = true
default_permissions.configure = .*
default_permissions.read = .*
default_permissions.write = .*
raft.wal_max_size_bytes = 67108864
`;

function brokerEnvironment(setup: ServerSetup): Record<string, string> {
  const { dir, instance } = setup;
  return {
    ...plainEnvironment(),
    // The Erlang cookie is read from the home folder.
    HOME: dir,
    RABBITMQ_NODENAME: `${instance.id}@localhost`,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(portOf(setup, 'epmd')),
    RABBITMQ_DIST_PORT: String(portOf(setup, 'distribution')),
    RABBITMQ_CONF_ENV_FILE: join(dir, 'no-environment-file'),
    RABBITMQ_CONFIG_FILE: join(dir, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'enabled_plugins'),
    // Each of them named: what is left out falls back to the folders of the system's own broker.
    RABBITMQ_MNESIA_BASE: dir,
    RABBITMQ_MNESIA_DIR: join(dir, 'data'),
    RABBITMQ_FEATURE_FLAGS_FILE: join(dir, 'feature_flags'),
    RABBITMQ_PLUGINS_EXPAND_DIR: join(dir, 'plugins'),
    RABBITMQ_SCHEMA_DIR: join(dir, 'schema'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(dir, 'config'),
    RABBITMQ_QUORUM_DIR: join(dir, 'data', 'quorum'),
    RABBITMQ_STREAM_DIR: join(dir, 'data', 'stream'),
    RABBITMQ_LOG_BASE: join(dir, 'log'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    // Schedulers bound to cores fight for them as soon as a second broker runs on the machine.
    RABBITMQ_SCHEDULER_BIND_TYPE: 'u',
    // Makes the script become the broker instead of watching it: one process, whose pid is known.
    RABBITMQ_ALLOW_INPUT: 'true',
  };
}

export const rabbitmqServer: PrivateServer = {
  name: 'rabbitmq',
  ports: {
    amqp: undefined,
    management: 15_673,
    distribution: undefined,
    epmd: undefined,
    prometheus: undefined,
  },
  stopSignal: 'SIGTERM',
  abortSignal: 'SIGKILL',
  async prepare(setup) {
    const { dir } = setup;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const cookie = join(dir, '.erlang.cookie');
    if (!existsSync(cookie)) {
      writeFileSync(cookie, randomBytes(16).toString('hex'), { mode: 0o400 });
      chmodSync(cookie, 0o400);
    }
    writeFileSync(join(dir, 'rabbitmq.conf'), configuration(setup), { mode: 0o600 });
    writeFileSync(join(dir, 'enabled_plugins'), '[rabbitmq_management,rabbitmq_prometheus].\n');
  },
  command: (setup) => ({
    program: setup.programs.rabbitmqServer,
    args: ['-noinput'],
    env: brokerEnvironment(setup),
    cwd: setup.dir,
    logFile: join(setup.dir, 'server.log'),
  }),
  check: (setup) => checkRabbitmq(urls(setup)),
  urls,
  cleanUp: (setup) => stopPortMapper(portOf(setup, 'epmd')),
};

/**
 * The broker's virtual machine leaves its port mapper (epmd) behind. It is asked to end, which it refuses while another node is
 * registered: what answers there is ours or stays.
 */
async function stopPortMapper(port: number): Promise<void> {
  const opening = Buffer.from([0, 1, 'k'.charCodeAt(0)]);
  const options = { port, timeoutMs: 1_000, opening };
  // Nothing listens any more, or it is busy: there is nothing to end.
  await exchange(`tcp://127.0.0.1:${port}`, options, () => 'done').catch(() => undefined);
}
