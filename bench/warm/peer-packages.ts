/** Gets the peers onto this machine, once: BullMQ into a folder beside the stacks, Celery as packages of Debian. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', '..', '.stack', 'peers');
/** The newest that runs on Node 20 when this was written. */
const BULLMQ = 'bullmq@6.7.0';
/** Debian's own: another one in the PATH does not know its packages. */
export const PYTHON = '/usr/bin/python3';
const CELERY = ['python3-celery', 'python3-redis', 'python3-psycopg2'];

interface BullMqModule {
  readonly Queue: new (
    name: string,
    options: object,
  ) => {
    addBulk(jobs: readonly object[]): Promise<unknown>;
    close(): Promise<void>;
  };
}

export interface InstalledBullMq {
  readonly folder: string;
  readonly version: string;
  load(): BullMqModule;
}

/** Undefined when npm cannot get it. */
export async function installBullMq(say: (line: string) => void): Promise<InstalledBullMq | undefined> {
  const manifest = join(FOLDER, 'node_modules', 'bullmq', 'package.json');
  if (!existsSync(manifest)) {
    say(`installing ${BULLMQ} in ${FOLDER}`);
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(join(FOLDER, 'package.json'), '{"private":true}\n');
    await succeeds('npm', ['install', '--no-audit', '--no-fund', '--prefix', FOLDER, BULLMQ]);
    if (!existsSync(manifest)) return undefined;
  }
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const load = (): BullMqModule => createRequire(join(FOLDER, 'package.json'))('bullmq') as BullMqModule;
  return { folder: FOLDER, version, load };
}

/** Resolves with its version; undefined when this is no Debian, or packages cannot be installed without asking. */
export async function installCelery(say: (line: string) => void): Promise<string | undefined> {
  const before = await celeryVersion();
  if (before !== undefined) return before;
  say(`installing ${CELERY.join(', ')} with apt-get`);
  const install = ['apt-get', '-q', '-y', 'install', '--no-install-recommends', ...CELERY];
  if (process.getuid?.() === 0) await succeeds('env', ['DEBIAN_FRONTEND=noninteractive', ...install]);
  else await succeeds('sudo', ['-n', 'env', 'DEBIAN_FRONTEND=noninteractive', ...install]);
  return celeryVersion();
}

async function celeryVersion(): Promise<string | undefined> {
  const told = await outputOf(PYTHON, ['-c', 'import celery, redis, psycopg2; print(celery.__version__)']);
  return told?.trim();
}

const succeeds = async (program: string, args: readonly string[]): Promise<boolean> =>
  (await outputOf(program, args)) !== undefined;

/** What it prints; undefined when it cannot be run or fails. */
function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (output += part));
    child.once('error', () => {
      resolve(undefined);
    });
    child.once('close', (code) => {
      resolve(code === 0 ? output : undefined);
    });
  });
}
