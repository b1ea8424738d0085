import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { check, type Fault } from '../fault.ts';
import { allLive } from './meanwhile.ts';

const HUNG_MS = 25_000;
export const NOT_WRITTEN = 'Postgres does not take results';
const LOCKED_MS = 6_000;

const restarted: Fault = {
  id: 'F35',
  title: 'Postgres restarted',
  injection: 'fast shutdown of Postgres, started again at once',
  caughtUpWithinS: 20,
  expectedErrors: [NOT_WRITTEN],
  async inject(scene) {
    await scene.stack.end('postgres', 'SIGINT');
    const back = await scene.stack.revive('postgres');
    return { healedAt: back, checks: [allLive(scene)] };
  },
};

const crashed: Fault = {
  id: 'F36',
  title: 'Postgres crashes',
  injection: 'SIGKILL to the postmaster, started again: it recovers from its log',
  caughtUpWithinS: 20,
  expectedErrors: [NOT_WRITTEN],
  async inject(scene) {
    await scene.stack.end('postgres', 'SIGKILL');
    const back = await scene.stack.revive('postgres');
    return { healedAt: back, checks: [allLive(scene)] };
  },
};

const hung: Fault = {
  id: 'F37',
  title: 'Postgres hangs',
  injection: `SIGSTOP to the postmaster and all its children for ${HUNG_MS / 1_000} s: longer than a query may last`,
  caughtUpWithinS: 30,
  expectedErrors: [NOT_WRITTEN],
  async inject(scene) {
    const pid = scene.stack.pid('postgres');
    const all = [pid, ...childrenOf(pid)];
    signalAll(all, 'SIGSTOP');
    await wait(HUNG_MS);
    const readiness = await Promise.all(scene.workers.map((worker) => worker.probe('/readyz')));
    signalAll(all, 'SIGCONT');
    return {
      healedAt: performance.now(),
      checks: [
        check(
          'workers say that they are not ready',
          readiness.every((status) => status === 503),
          readiness.join(', '),
        ),
        allLive(scene),
      ],
    };
  },
};

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
    .map(Number);
}

function parentOf(pid: string): number | undefined {
  try {
    // The command's name is in brackets and may hold anything.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    return undefined;
  }
}

const locked: Fault = {
  id: 'F40',
  title: 'result table locked',
  injection: `another session holds the table of tracks for ${LOCKED_MS / 1_000} s`,
  caughtUpWithinS: 30,
  expectedErrors: [NOT_WRITTEN],
  async inject(scene) {
    const client = new Client({ connectionString: scene.urls.database });
    await client.connect();
    await client.query('begin; lock table tracks in exclusive mode');
    await wait(LOCKED_MS);
    await client.query('rollback');
    await client.end();
    return { healedAt: performance.now(), checks: [allLive(scene)] };
  },
};

export const postgresFaults: readonly Fault[] = [restarted, crashed, hung, locked];
