/**
 * Connections. Everything here works through pgbouncer in transaction mode: named statements can be done without, there is
 * no session SET and no start-up parameter that a pooler refuses. Limits of the server's side are therefore said with every BEGIN, which
 * costs no round trip of its own; outside a transaction the client's own timeout is the only one.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Pool, type PoolClient } from 'pg';
import { isConnectionFault, isNameFault, isTimeout, isTransient } from './database-fault.ts';
import { stopNaming } from './named-statement.ts';

export type { Pool };

export interface PoolOptions {
  readonly url: string;
  /** Most connections of this process. One that writes keeps a core of the server busy: few are enough. */
  readonly max: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Told of connections that broke while nobody used them. The pool has replaced them already: nothing to do. */
  readonly onIdleFault?: (error: Error) => void;
}

/** Waiting for a connection, whether all are taken or the server does not answer. */
const CONNECT_TIMEOUT_MS = 2_000;

/** The server ends a statement before the client gives up on it, so that a slow one is not left running unseen. */
const STATEMENT_TIMEOUT_MS = 15_000;

/** A stopped server (SIGSTOP, a dead network) answers nothing for ever: only the client's side can end the wait. */
const QUERY_TIMEOUT_MS = 20_000;

/** What looks at something every few seconds finds its connection again: opening one costs a login. */
const IDLE_TIMEOUT_MS = 60_000;

const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 3_000;

const LIMITS = [
  'begin',
  `set local statement_timeout = ${STATEMENT_TIMEOUT_MS}`,
  `set local idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_TIMEOUT_MS}`,
  `set local lock_timeout = ${LOCK_TIMEOUT_MS}`,
].join('; ');

/** A deadlock victim that comes back at once meets the same opponent: each try waits a random part of this, times its number. */
const RETRY_DELAY_MS = 50;
const TRIES = 4;

/**
 * Opens no connection yet. The caller ends it with `pool.end()`, which waits for queries that run. A connection that
 * breaks never ends the process: whoever uses it gets the error, and the pool opens another.
 */
export function openPool(options: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: options.url,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
  });
  pool.on('error', (error) => options.onIdleFault?.(error));
  // The pool listens to idle connections only. One that breaks between two queries of a transaction would end the
  // process; its next query fails with the same fault.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/**
 * Runs `run` in a transaction and commits. Whatever it throws rolls back and is thrown on. `run` is called again, up to
 * four times in all, when the server chose it as the victim of a deadlock, could not get a lock or did not know a named
 * statement: it must change nothing but the database. After a connection fault during COMMIT nobody knows whether it was committed, so what is written
 * must bear being written again. Make no network call inside: the connection and its locks are held all the while.
 * `settings` are `set local` commands, said with BEGIN.
 */
export async function withTransaction<T>(
  pool: Pool,
  run: (client: PoolClient) => Promise<T>,
  settings: readonly string[] = [],
): Promise<T> {
  const opening = [LIMITS, ...settings].join('; ');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(pool, opening, run);
    } catch (error) {
      if (isNameFault(error)) stopNaming();
      else if (!isTransient(error)) throw error;
      if (attempt === TRIES) throw error;
      await delay(Math.random() * RETRY_DELAY_MS * attempt);
    }
  }
}

async function runOnce<T>(pool: Pool, opening: string, run: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await begin(pool, opening);
  try {
    const result = await run(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    await abandon(client, error);
    throw error;
  }
}

/**
 * After a restart of the server the pool may still hold connections that it does not know to be dead. Nothing was done
 * on one whose BEGIN failed, so another is tried; each failure takes one out of the pool, so this ends. A server that
 * hangs is not asked again: every try would last the whole timeout.
 */
async function begin(pool: Pool, opening: string): Promise<PoolClient> {
  for (let stale = pool.idleCount; ; stale -= 1) {
    const client = await pool.connect();
    try {
      await client.query(opening);
      return client;
    } catch (error) {
      client.release(true);
      if (stale <= 0 || !isConnectionFault(error) || isTimeout(error)) throw error;
    }
  }
}

/** Gives the connection back clean, or not at all. */
async function abandon(client: PoolClient, error: unknown): Promise<void> {
  if (isConnectionFault(error)) {
    client.release(true);
    return;
  }
  try {
    await client.query('rollback');
    client.release();
  } catch {
    client.release(true);
  }
}
