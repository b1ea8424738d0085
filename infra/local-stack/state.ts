import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Instance } from './instance.ts';
import type { ProcessIdentity } from './server-process.ts';

/** The four addresses under the names that every process reads them from; each carries its credentials. */
export interface StackUrls {
  readonly RABBITMQ_URL: string;
  readonly REDIS_URL: string;
  readonly DATABASE_URL: string;
  readonly RABBITMQ_MANAGEMENT_URL: string;
}

/** Where the servers come from: see the order in stack.ts. */
export type StackSource = 'external' | 'docker' | 'private';

export type Ports = Readonly<Record<string, number>>;

export interface ServerRecord {
  /** Kept after a stop: the same addresses are taken again when they are still free. */
  readonly ports: Ports;
  /** Absent when it is not running. */
  readonly process?: ProcessIdentity;
}

export interface StackState {
  readonly source: StackSource;
  readonly urls: StackUrls;
  /** What this stack started itself; empty when the servers are not its own processes. */
  readonly servers: Readonly<Record<string, ServerRecord>>;
}

const fileOf = (instance: Instance): string => join(instance.stateDir, 'state.json');

/** Undefined when nothing was started, and when the file is not readable JSON: the next start writes it anew. */
export function readState(instance: Instance): StackState | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(instance), 'utf8')) as StackState;
  } catch {
    return undefined;
  }
}

/** Atomic: a reader sees the old state or the new one. Mode 0600, since the addresses carry the password. */
export function writeState(instance: Instance, state: StackState): void {
  mkdirSync(instance.stateDir, { recursive: true });
  const file = fileOf(instance);
  writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function removeState(instance: Instance): void {
  rmSync(fileOf(instance), { force: true });
}
