import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** From where this file is, as source or compiled, up to the folder that both have in common. */
export function migrationsFolder(from = import.meta.dirname): string {
  const folder = join(from, 'infra/postgres/migrations');
  if (existsSync(folder) || dirname(from) === from) return folder;
  return migrationsFolder(dirname(from));
}
