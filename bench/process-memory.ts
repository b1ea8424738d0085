import { readFileSync } from 'node:fs';

/** A field of /proc/<pid>/status in MB: `VmRSS` is resident now, `VmHWM` the most so far. Only Linux tells it. */
export function memoryMb(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (found === null) throw new Error(`process ${pid} says no ${field}`);
  return Number(found[1]) / 1_024;
}
