import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOnlyKey } from '../../shared/access/keys.ts';
import { openPool } from '../../shared/postgres/pool.ts';
import type { Instance } from '../local-stack/instance.ts';

const NAME = 'npm start';
const LASTS_MS = 30 * 86_400_000;

/** Where the command line of this clone finds the key while the system runs. */
export const keyFileOf = ({ stateDir }: Instance): string => join(stateDir, 'api-key');

/**
 * A key for whoever started the system; the one of the start before counts no more. It reaches everything, so its file can
 * be read by its owner alone.
 */
export async function makeLocalKey(instance: Instance, databaseUrl: string): Promise<string> {
  const pool = openPool({ url: databaseUrl, max: 1, applicationName: NAME });
  try {
    const wish = {
      name: NAME,
      owner: '',
      scope: 'admin',
      expiresAt: new Date(Date.now() + LASTS_MS),
    } as const;
    const { text } = await createOnlyKey({ pool, actor: NAME }, wish);
    mkdirSync(instance.stateDir, { recursive: true });
    // The mode is that of a new file only.
    removeLocalKey(instance);
    writeFileSync(keyFileOf(instance), `${text}\n`, { mode: 0o600, flag: 'wx' });
    return text;
  } finally {
    await pool.end();
  }
}

export function removeLocalKey(instance: Instance): void {
  rmSync(keyFileOf(instance), { force: true });
}
