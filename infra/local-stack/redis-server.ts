import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { checkRedis } from './health.ts';
import type { PrivateServer, ServerSetup } from './private-server.ts';
import { plainEnvironment } from './server-process.ts';

const urls = ({ ports, password }: ServerSetup): { REDIS_URL: string } => ({
  REDIS_URL: `redis://:${password}@127.0.0.1:${ports['redis'] ?? 0}/0`,
});

/**
 * Evicts only keys that have a time to live, so that gates and leases stay under memory pressure. Writes nothing to disk: the
 * pipeline promises to lose nothing without it.
 */
const configuration = ({ ports, password }: ServerSetup): string => `
bind 127.0.0.1
port ${ports['redis'] ?? 0}
requirepass ${password}
daemonize no
save ""
appendonly no
maxmemory 256mb
maxmemory-policy volatile-lru
databases 512
set-proc-title no
`;

export const redisServer: PrivateServer = {
  name: 'redis',
  ports: { redis: undefined },
  stopSignal: 'SIGTERM',
  abortSignal: 'SIGKILL',
  async prepare(setup) {
    mkdirSync(setup.dir, { recursive: true, mode: 0o700 });
    writeFileSync(join(setup.dir, 'redis.conf'), configuration(setup), { mode: 0o600 });
  },
  command: ({ programs, dir }) => ({
    program: programs.redisServer,
    args: [join(dir, 'redis.conf')],
    env: plainEnvironment(),
    cwd: dir,
    logFile: join(dir, 'server.log'),
  }),
  check: (setup) => checkRedis(urls(setup)),
  urls,
};
