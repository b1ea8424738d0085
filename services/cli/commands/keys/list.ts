import type { Command } from 'commander';
import { isValid } from '../../../../shared/access/keys.ts';
import { listKeys, type StoredKey } from '../../../../shared/postgres/api-keys.ts';
import { ago, table } from '../../dlq/letter-table.ts';
import { withAccess } from '../../keys/with-access.ts';

/** `enrich keys list`. */
export function addListKeys(keys: Command): void {
  keys
    .command('list')
    .description('All keys, the newest first; never the keys themselves.')
    .option('--json', 'print one JSON document instead of text')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const found = await withAccess(({ pool }) => listKeys(pool));
      const text =
        json === true ? JSON.stringify({ keys: found.map(keyDocument) }, undefined, 2) : keysText(found);
      process.stdout.write(`${text}\n`);
    });
}

const keyDocument = (key: StoredKey): object => ({
  key_id: key.keyId,
  name: key.name,
  owner: key.owner,
  scope: key.scope,
  state: stateOf(key),
  created_at: key.createdAt.toISOString(),
  created_by: key.createdBy,
  expires_at: key.expiresAt?.toISOString() ?? null,
  revoked_at: key.revokedAt?.toISOString() ?? null,
  last_used_at: key.lastUsedAt?.toISOString() ?? null,
  max_running_jobs: key.maxRunningJobs,
  max_rows: key.maxRows,
  replaces: key.replaces,
});

const stateOf = (key: StoredKey): 'valid' | 'revoked' | 'expired' =>
  isValid(key) ? 'valid' : key.revokedAt === null ? 'expired' : 'revoked';

function keysText(keys: readonly StoredKey[]): string {
  if (keys.length === 0) return 'No keys. Next: enrich keys create --name <what for>';
  const rows = keys.map((key) => [
    key.keyId,
    stateOf(key),
    key.scope,
    key.owner === '' ? '-' : key.owner,
    key.expiresAt?.toISOString().slice(0, 16) ?? 'never',
    key.lastUsedAt === null ? 'never' : ago(key.lastUsedAt.getTime()),
    key.name,
  ]);
  return table(['KEY', 'STATE', 'SCOPE', 'OWNER', 'EXPIRES', 'LAST USED', 'NAME'], rows);
}
