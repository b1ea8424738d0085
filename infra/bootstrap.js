/**
 * `node infra/bootstrap.js [entry.ts [arguments…]]`: makes a fresh clone runnable. Installs the node modules when they are
 * missing or not those of package-lock.json, then runs the entry through tsx in this same process, so that signals and the
 * exit code need no forwarding.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { withProcessLock } from './process-lock.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const wanted = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.package-lock.json');

const say = (line) => process.stderr.write(`${line}\n`);
const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function upToDate() {
  if (modified(installed) === 0) return false;
  // A checkout or a touch makes the lock file newer without changing it; reading both costs 10 ms and saves an installation.
  return modified(installed) >= modified(wanted) || holdsWanted();
}

function holdsWanted() {
  const there = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(JSON.parse(readFileSync(wanted, 'utf8')).packages).every(
    ([path, entry]) =>
      path === '' || there[path]?.version === entry.version || (entry.optional && !there[path]),
  );
}

function install() {
  if (upToDate()) return;
  say('Installing the node modules …');
  const started = Date.now();
  // The versions of package-lock.json, which stays as it is. `npm ci` would do the same, but refuses a lock file that does not
  // list the optional binaries of every other platform, and npm leaves out those that a registry did not have.
  const npm = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (npm.error) throw new Error(`npm could not be started: ${npm.error.message}`);
  if (npm.status !== 0) throw new Error(`npm install failed (${npm.status ?? npm.signal}): see above`);
  say(`Node modules installed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** Exported for the command line, which starts here when it runs from a clone. */
export async function run(entry, args) {
  if (!upToDate()) {
    await withProcessLock(join(root, '.stack', 'install.lock'), install, {
      onWait: () => say('Another process is installing the node modules: waiting for it …'),
    });
  }
  if (entry === undefined) return;
  const file = resolve(root, entry);
  process.argv = [process.execPath, file, ...args];
  await import('tsx');
  await import(pathToFileURL(file).href);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  run(process.argv[2], process.argv.slice(3)).catch((error) => {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  });
}
