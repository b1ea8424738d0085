import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The server programs of this machine, as absolute paths; empty = not there. */
export interface Programs {
  /** The broker's own start script, not the wrapper of a distribution: that one switches to a system user and its cookie. */
  readonly rabbitmqServer: string;
  readonly redisServer: string;
  /** Folder with initdb, postgres and psql. */
  readonly postgresBin: string;
}

export type Missing = keyof Programs;

const systemPath = ['/usr/local/bin', '/usr/bin', '/usr/sbin', '/opt/homebrew/bin'];

/** Finds what Debian, Ubuntu, Homebrew or the PATH offer, the newest version first; names what is not there. */
export function findPrograms(): { programs: Programs; missing: Missing[] } {
  const path = [...(process.env['PATH'] ?? '').split(delimiter), ...systemPath].filter((one) => one !== '');
  const programs: Programs = {
    rabbitmqServer: firstExecutable([
      ...versions('/usr/lib/rabbitmq/lib', /^rabbitmq_server-/, 'sbin/rabbitmq-server'),
      '/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server',
      '/usr/local/opt/rabbitmq/sbin/rabbitmq-server',
    ]),
    redisServer: firstExecutable(path.map((folder) => join(folder, 'redis-server'))),
    postgresBin: firstExecutable([
      ...versions('/usr/lib/postgresql', /^\d+$/, 'bin/initdb'),
      ...versions('/opt/homebrew/opt', /^postgresql@\d+$/, 'bin/initdb'),
      ...versions('/usr/local/opt', /^postgresql@\d+$/, 'bin/initdb'),
      ...path.map((folder) => join(folder, 'initdb')),
    ]).replace(/\/initdb$/, ''),
  };
  const names: readonly Missing[] = ['rabbitmqServer', 'redisServer', 'postgresBin'];
  return { programs, missing: names.filter((name) => programs[name] === '') };
}

function versions(folder: string, pattern: RegExp, file: string): string[] {
  const byVersion = (a: string, b: string): number => b.localeCompare(a, 'en', { numeric: true });
  return namesIn(folder)
    .filter((name) => pattern.test(name))
    .sort(byVersion)
    .map((name) => join(folder, name, file));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function firstExecutable(files: readonly string[]): string {
  return files.find(isExecutable) ?? '';
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
