import { createOnlyKey } from '../../shared/access/keys.ts';
import { openPool } from '../../shared/postgres/pool.ts';

const NAME = 'npm start';
const LASTS_MS = 30 * 86_400_000;

/** A key for whoever started the system; the one of the start before counts no more. It reaches everything. */
export async function makeLocalKey(databaseUrl: string): Promise<string> {
  const pool = openPool({ url: databaseUrl, max: 1, applicationName: NAME });
  try {
    const wish = {
      name: NAME,
      owner: '',
      scope: 'admin',
      expiresAt: new Date(Date.now() + LASTS_MS),
    } as const;
    return (await createOnlyKey({ pool, actor: NAME }, wish)).text;
  } finally {
    await pool.end();
  }
}
