import { openPool, type Pool } from '../../../shared/postgres/pool.ts';
import { actor } from '../actor.ts';
import { loadConfig } from '../config.ts';

/** Runs a command about API keys: it needs the database and nothing else. */
export async function withAccess<T>(
  run: (access: { readonly pool: Pool; readonly actor: string }) => Promise<T>,
): Promise<T> {
  const pool = openPool({ url: loadConfig().databaseUrl, max: 1, applicationName: 'enrich-keys' });
  try {
    return await run({ pool, actor: actor() });
  } finally {
    await pool.end();
  }
}
