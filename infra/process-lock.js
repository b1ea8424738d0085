/**
 * A lock file that dies with its owner: it names the process by pid and start time, so that neither a crash nor a pid that
 * another program was given since can hold it. Plain JavaScript, because the bootstrap needs it before tsx is installed.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 50;
/** Clearing a stale lock takes microseconds: a marker that old was left by a crash in between. */
const CLEARING_MS = 10_000;

export function processStartTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name is in parentheses and may hold blanks and parentheses of its own.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return process.platform === 'linux' ? undefined : startTimeByPs(pid);
  }
}

function startTimeByPs(pid) {
  try {
    const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], options).trim() || undefined;
  } catch {
    return undefined;
  }
}

export async function withProcessLock(path, body, { onWait } = {}) {
  mkdirSync(dirname(path), { recursive: true });
  let waiting = false;
  while (!create(path)) {
    if (isStale(path)) clearStale(path);
    else {
      if (!waiting) onWait?.();
      waiting = true;
      await wait(POLL_MS);
    }
  }
  try {
    return await body();
  } finally {
    unlinkSync(path);
  }
}

function create(path) {
  let file;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeSync(file, `${process.pid} ${processStartTime(process.pid)}`);
  closeSync(file);
  return true;
}

function isStale(path) {
  try {
    const [pid, ...startTime] = readFileSync(path, 'utf8').split(' ');
    // Just created and not yet written: its owner is at work.
    if (pid === '') return olderThan(path, CLEARING_MS);
    return processStartTime(Number(pid)) !== startTime.join(' ');
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Only who holds the marker removes a stale lock: otherwise a second waiter could remove the lock that the first just took. */
function clearStale(path) {
  const marker = `${path}.clearing`;
  if (!create(marker)) {
    if (olderThan(marker, CLEARING_MS)) removeIfThere(marker);
    return;
  }
  try {
    if (isStale(path)) removeIfThere(path);
  } finally {
    removeIfThere(marker);
  }
}

function olderThan(path, ageMs) {
  const age = statSync(path, { throwIfNoEntry: false });
  return age !== undefined && Date.now() - age.mtimeMs > ageMs;
}

function removeIfThere(path) {
  try {
    unlinkSync(path);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}
