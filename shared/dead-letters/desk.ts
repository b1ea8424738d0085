/** What everybody needs who does something about dead letters: the broker, the index, and a name to be known by. */
import { randomUUID } from 'node:crypto';
import type { Log } from '../observability/log.ts';
import { openPool, type Pool } from '../postgres/pool.ts';
import { ConfirmPublisher } from '../rabbitmq/confirm-publisher.ts';
import { Connection } from '../rabbitmq/connection.ts';

export interface Desk {
  readonly pool: Pool;
  readonly consuming: Connection;
  readonly publisher: ConfirmPublisher;
  readonly log: Log;
  /** Who is at it, for the audit log. */
  readonly actor: string;
  /** This run, for leases. */
  readonly holder: string;
  /** Idempotent; within seconds. */
  close(): Promise<void>;
}

export interface DeskOptions {
  readonly rabbitmqUrl: string;
  readonly databaseUrl: string;
  readonly actor: string;
  readonly log: Log;
  /** How long the broker is waited for; default 10 s. */
  readonly connectTimeoutMs?: number;
}

/** Thrown when a server that is needed does not answer: try again when it does. */
export class DeskUnavailable extends Error {
  override readonly name = 'DeskUnavailable';
}

const CONNECT_TIMEOUT_MS = 10_000;
/** One for what is asked, one for the lease beside it. */
const POOL_SIZE = 2;

/** Resolves when broker and database can be used. Rejects with DeskUnavailable. */
export async function openDesk(options: DeskOptions): Promise<Desk> {
  const { rabbitmqUrl: url, databaseUrl, actor, log } = options;
  const pool = openPool({ url: databaseUrl, max: POOL_SIZE, applicationName: 'dead-letters' });
  // Two connections: while an alarm lasts the broker blocks every one that has ever published, its consumers included.
  const consuming = new Connection({ url, name: `dead-letters@${actor}#consume`, log });
  const publishing = new Connection({ url, name: `dead-letters@${actor}#publish`, log });
  const publisher = new ConfirmPublisher({ connection: publishing, log });
  const close = async (): Promise<void> => {
    await publisher.close();
    await Promise.all([publishing.close(), consuming.close()]);
    if (!pool.ended) await pool.end();
  };
  try {
    const inTime = AbortSignal.timeout(options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS);
    await Promise.all([publishing.start().ready(inTime), consuming.start().ready(inTime)]);
    await pool.query('select 1');
  } catch (error) {
    await close();
    const why = consuming.lastError ?? (error as Error);
    throw new DeskUnavailable(`a server cannot be used: ${why.message}`, { cause: error });
  }
  return { pool, consuming, publisher, log, actor, holder: `${actor} ${randomUUID()}`, close };
}
