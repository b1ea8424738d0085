/** What runs, written down: how the next start of the same clone finds it, kept on purpose or left by a crash. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance } from '../local-stack/instance.ts';
import type { ProviderMode } from './provider-mode.ts';
import type { ProcessRecord } from './system-process.ts';

export interface SystemRecord {
  readonly mode: ProviderMode;
  /** Which servers they use; without passwords. */
  readonly servers: string;
  readonly processes: readonly ProcessRecord[];
}

const fileOf = ({ stateDir }: Instance): string => join(stateDir, 'system.json');

/** Undefined when nothing was started, and when the file is not readable JSON. */
export function readRecord(instance: Instance): SystemRecord | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(instance), 'utf8')) as SystemRecord;
  } catch {
    return undefined;
  }
}

/** Atomic: a reader sees the old record or the new one. */
export function writeRecord(instance: Instance, record: SystemRecord): void {
  mkdirSync(instance.stateDir, { recursive: true });
  const file = fileOf(instance);
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function removeRecord(instance: Instance): void {
  rmSync(fileOf(instance), { force: true });
}
