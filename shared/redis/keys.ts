/**
 * Every key in Redis. Those of one provider share a hash tag, so that one script may touch them in a Redis Cluster.
 * Only gates have no expiry: with a volatile-* eviction policy they stay when memory runs out.
 */
import { hash } from 'node:crypto';

const KEY_PREFIX = 'enrichment';

export interface ProviderKeys {
  readonly gate: string;
  /** Processes that wait for a slot with a task of the priority lane, most urgent first. */
  readonly priorityLine: string;
  readonly backlogLine: string;
  /** When each process last asked for a slot: how many share the rate. */
  readonly workers: string;
  /** When the latest requests started, as many as a window may hold. */
  readonly starts: string;
  readonly token: string;
  readonly tokenLock: string;
  /** Patterns: every answer, every response. Braces mean nothing to SCAN. */
  readonly answers: string;
  readonly responses: string;
  answer(digest: string): string;
  lock(digest: string): string;
  /** Somebody has asked for a new answer in place of a stale one. */
  revalidation(digest: string): string;
  response(requestKey: string): string;
}

export function providerKeys(provider: string, prefix = KEY_PREFIX): ProviderKeys {
  const base = `${prefix}:{${provider}}`;
  return {
    gate: `${base}:gate`,
    priorityLine: `${base}:line:priority`,
    backlogLine: `${base}:line:backlog`,
    workers: `${base}:workers`,
    starts: `${base}:starts`,
    token: `${base}:token`,
    tokenLock: `${base}:token-lock`,
    answers: `${base}:answer:*`,
    responses: `${base}:response:*`,
    answer: (digest) => `${base}:answer:${digest}`,
    lock: (digest) => `${base}:lock:${digest}`,
    revalidation: (digest) => `${base}:revalidation:${digest}`,
    response: (requestKey) => `${base}:response:${hash('sha1', requestKey)}`,
  };
}

/** Where changes of gates are told: each message is the name of a provider. */
export const gateChannel = (prefix = KEY_PREFIX): string => `${prefix}:gate-changes`;

/** What workers say about themselves. */
export function heartbeatKeys(prefix = KEY_PREFIX): { index: string; beat: (processId: string) => string } {
  const base = `${prefix}:{workers}`;
  return { index: `${base}:index`, beat: (processId) => `${base}:beat:${processId}` };
}

/** Channels: every database of a Redis shares them. */
export const jobChannels = (prefix = KEY_PREFIX): { readonly moved: string; readonly stopped: string } => ({
  moved: `${prefix}:jobs:moved`,
  stopped: `${prefix}:jobs:stopped`,
});

/** Held by the one process that exports what is the same whoever looks. */
export const exporterLeaseKey = (prefix = KEY_PREFIX): string => `${prefix}:exporter`;

/** Written and removed by who tries whether it may write. */
export const probeKey = (id: string, prefix = KEY_PREFIX): string => `${prefix}:probe:${id}`;

/**
 * What an answer is filed under: every field that the query or the matcher reads, and the matcher's version, so that a
 * new matcher never serves the decisions of the old one.
 */
export function answerDigest(matcherVersion: string, query: unknown): string {
  return hash('sha1', `${matcherVersion}\n${canonical(query)}`);
}

/** A task that was published lately. */
export const dedupeKey = (fingerprint: string, prefix = KEY_PREFIX): string =>
  `${prefix}:published:${fingerprint}`;

/** JSON with sorted keys: the same query has one spelling, however its object was built. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const record = value as Record<string, unknown>;
  let text = '';
  for (const key of Object.keys(record).sort()) {
    if (record[key] === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonical(record[key])}`;
  }
  return `{${text}}`;
}

/** Counters of requests to the HTTP API, by limit and by who makes them. */
export const requestLimitPrefix = (limit: string, prefix = KEY_PREFIX): string =>
  `${prefix}:requests:${limit}`;
