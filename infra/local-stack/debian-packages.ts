import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

import type { Missing } from './installed-programs.ts';

/** What this project can use of a distribution: the servers, and Prometheus with promtool, the checker of its rules. */
export type Installable = Missing | 'prometheus';

const packages: Record<Installable, string> = {
  prometheus: 'prometheus',
  rabbitmqServer: 'rabbitmq-server',
  redisServer: 'redis-server',
  postgresBin: 'postgresql',
};

/**
 * Runs as root. policy-rc.d is how Debian asks whether a package may start its service; 101 says no. It is put back as it was,
 * also after an installation that was cut off, and one installation at a time plays with it.
 */
const script = `
set -eu
exec 9> /var/lock/enrichment-stack.lock
flock 9
policy=/usr/sbin/policy-rc.d
saved=$policy.before-enrichment-stack
mark='# by the local stack of the enrichment pipeline'
restore() {
  if [ -e "$policy" ] && grep -qF "$mark" "$policy"; then rm -f "$policy"; fi
  if [ -e "$saved" ]; then mv -f "$saved" "$policy"; fi
}
restore
trap restore EXIT
trap 'exit 130' INT TERM HUP
if [ -e "$policy" ]; then mv "$policy" "$saved"; fi
printf '#!/bin/sh\\n%s\\nexit 101\\n' "$mark" > "$policy"
chmod 755 "$policy"
export DEBIAN_FRONTEND=noninteractive
apt-get -q -o DPkg::Lock::Timeout=600 update || true
apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io \\
  install --no-install-recommends "$@"
`;

const namesOf = (missing: readonly Installable[]): string => missing.map((one) => packages[one]).join(' ');

/** The one command that a person can type here to get the missing programs. */
export function installCommand(missing: readonly Installable[]): string {
  return process.platform === 'darwin'
    ? `brew install ${namesOf(missing).replace('rabbitmq-server', 'rabbitmq').replace('redis-server', 'redis')}`
    : `sudo apt-get install ${namesOf(missing)}`;
}

/** How root is reached without asking anybody; undefined when it is not, or when this is no Debian or Ubuntu. */
async function rootShell(): Promise<readonly string[] | undefined> {
  if (!existsSync('/usr/bin/apt-get') || !existsSync('/etc/os-release')) return undefined;
  const ids = /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m;
  if (!ids.test(readFileSync('/etc/os-release', 'utf8'))) return undefined;
  if (process.getuid?.() === 0) return ['sh'];
  return (await succeeds(['sudo', '-n', 'true'], 'ignore')) ? ['sudo', '-n', 'sh'] : undefined;
}

/**
 * Installs the missing programs from the distribution, with apt's own progress on stderr; true when it did, false when this
 * machine is none where it may. No system service is started. Throws when apt-get fails.
 */
export async function installPackages(
  missing: readonly Installable[],
  report: (line: string) => void,
): Promise<boolean> {
  const shell = await rootShell();
  if (shell === undefined) return false;
  report(`Installing ${namesOf(missing)} with apt-get (no system service is started) …`);
  const wanted = missing.map((one) => packages[one]);
  if (!(await succeeds([...shell, '-c', script, 'install-packages', ...wanted], 'stderr'))) {
    throw new Error(`apt-get could not install ${namesOf(missing)}: see its output above`);
  }
  return true;
}

function succeeds(command: readonly string[], output: 'ignore' | 'stderr'): Promise<boolean> {
  const [program = '', ...args] = command;
  const out = output === 'stderr' ? 2 : 'ignore';
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', out, out] });
    child.once('error', () => {
      resolve(false);
    });
    child.once('exit', (code) => {
      resolve(code === 0);
    });
  });
}
