import { type Desk, openDesk } from '../../../shared/dead-letters/desk.ts';
import { openPool, type Pool } from '../../../shared/postgres/pool.ts';
import { actor } from '../actor.ts';
import { loadConfig } from '../config.ts';
import { interruptible } from '../interruption.ts';
import { isAnimated } from '../is-animated.ts';
import { ProgressLine } from '../progress-line.ts';
import { createStderrLog } from '../stderr-log.ts';

export interface AtTheDesk {
  readonly desk: Desk;
  /** Aborted by Ctrl-C: what is under way is finished, the rest stays where it is. */
  readonly signal: AbortSignal;
  readonly progress: ProgressLine;
}

/** Runs a command that changes dead letters, with broker and database. */
export async function withDesk<T>(run: (at: AtTheDesk) => Promise<T>): Promise<T> {
  const { rabbitmqUrl, databaseUrl } = loadConfig();
  const { stderr } = process;
  const signal = interruptible();
  const desk = await openDesk({ rabbitmqUrl, databaseUrl, actor: actor(), log: createStderrLog(stderr) });
  const progress = new ProgressLine({ stream: stderr, isShown: isAnimated(stderr), unit: 'letters' });
  try {
    return await run({ desk, signal, progress });
  } finally {
    progress.end();
    await desk.close();
  }
}

/** Runs a command that only asks the index. */
export async function withIndex<T>(run: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = openPool({ url: loadConfig().databaseUrl, max: 1, applicationName: 'enrich-dlq' });
  try {
    return await run(pool);
  } finally {
    await pool.end();
  }
}
