import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { processStartTime } from '../process-lock.js';
import type { PrivateServer, ServerSetup } from './private-server.ts';
import { plainEnvironment, type UserIds } from './server-process.ts';

const execute = promisify(execFile);
const ADMINISTRATOR = 'postgres';
const USER = 'musicdb_user';
const DATABASE = 'musicdb';

const urls = ({ ports, password }: ServerSetup): { DATABASE_URL: string } => ({
  DATABASE_URL: `postgres://${USER}:${password}@127.0.0.1:${ports['postgres'] ?? 0}/${DATABASE}`,
});

const dataOf = (setup: ServerSetup): string => join(setup.dir, 'data');

/** PostgreSQL refuses to run as root: then the user of the distribution's package runs it, else nobody. */
function unprivilegedUser(): { user?: UserIds } {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { user: { uid: Number(uid), gid: Number(gid) } };
  }
  throw new Error('PostgreSQL cannot run as root, and this machine has neither a user postgres nor nobody');
}

async function createCluster(setup: ServerSetup): Promise<void> {
  const { user } = unprivilegedUser();
  const passwordFile = join(setup.dir, 'password');
  writeFileSync(passwordFile, setup.password, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  // Complete or not there: a start that was cut off leaves only the unfinished folder, which is made anew.
  rmSync(dataOf(setup), { recursive: true, force: true });
  const args = ['--username', ADMINISTRATOR, '--pwfile', passwordFile, '--auth', 'scram-sha-256'];
  const options = { cwd: setup.dir, env: plainEnvironment(), ...user };
  const layout = ['--encoding', 'UTF8', '--locale', 'C.UTF-8', '--no-sync', '--pgdata', dataOf(setup)];
  await execute(join(setup.programs.postgresBin, 'initdb'), [...args, ...layout], options);
  rmSync(passwordFile);
  writeFileSync(join(setup.dir, 'complete'), '');
}

/**
 * PostgreSQL takes a killed postmaster that nobody has reaped yet for a running one, and in a container whose first process reaps
 * no orphans that lasts for ever.
 */
function removeStaleLock(file: string): void {
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (processStartTime(pid) === undefined) rmSync(file);
}

async function query(
  setup: ServerSetup,
  login: { user: string; database: string },
  sql: string,
): Promise<string> {
  const args = ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set', 'ON_ERROR_STOP=1'];
  const env = {
    ...plainEnvironment(),
    PGHOST: '127.0.0.1',
    PGPORT: String(setup.ports['postgres']),
    PGUSER: login.user,
    PGDATABASE: login.database,
    PGPASSWORD: setup.password,
    PGCONNECT_TIMEOUT: '2',
  };
  const psql = join(setup.programs.postgresBin, 'psql');
  const { stdout } = await execute(psql, [...args, '--command', sql], {
    env,
    cwd: setup.dir,
    timeout: 4_000,
  });
  return stdout.trim();
}

const asAdministrator = { user: ADMINISTRATOR, database: 'postgres' };

export const postgresServer: PrivateServer = {
  name: 'postgres',
  ports: { postgres: undefined },
  // Fast shutdown: SIGTERM would wait until the last client has left.
  stopSignal: 'SIGINT',
  // Its children end with it, which they do not when it is killed.
  abortSignal: 'SIGQUIT',
  async prepare(setup) {
    const { user } = unprivilegedUser();
    mkdirSync(setup.dir, { recursive: true });
    chmodSync(setup.dir, 0o700);
    if (user) chownSync(setup.dir, user.uid, user.gid);
    if (!existsSync(join(setup.dir, 'complete'))) await createCluster(setup);
    removeStaleLock(join(dataOf(setup), 'postmaster.pid'));
  },
  command: (setup) => {
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(setup.ports['postgres']),
      // TCP only: the path of a deep clone is longer than a socket's may be.
      unix_socket_directories: '',
      max_connections: '200',
      // What a killed process leaves is safe without it: only a machine that loses power loses data.
      ...(setup.disposable ? { fsync: 'off', full_page_writes: 'off' } : {}),
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return {
      program: join(setup.programs.postgresBin, 'postgres'),
      args: ['-D', dataOf(setup), ...options],
      env: plainEnvironment(),
      cwd: setup.dir,
      logFile: join(setup.dir, 'server.log'),
      ...unprivilegedUser(),
    };
  },
  async check(setup) {
    await query(setup, asAdministrator, 'SELECT 1');
  },
  urls,
  async furnish(setup) {
    const names = `SELECT rolname FROM pg_roles UNION ALL SELECT datname FROM pg_database`;
    const there = (await query(setup, asAdministrator, names)).split('\n');
    if (!there.includes(USER)) {
      const sql = `CREATE ROLE ${USER} LOGIN CREATEDB PASSWORD '${setup.password}'`;
      await query(setup, asAdministrator, sql);
    }
    if (!there.includes(DATABASE)) {
      await query(setup, asAdministrator, `CREATE DATABASE ${DATABASE} OWNER ${USER}`);
    }
  },
};
