import type { Command } from 'commander';
import { endKey } from '../../../../shared/access/keys.ts';
import { withAccess } from '../../keys/with-access.ts';
import { NotFound } from '../../not-found.ts';

/** `enrich keys revoke`. */
export function addRevokeKey(keys: Command): void {
  keys
    .command('revoke')
    .description('End a key; the service notices within seconds.')
    .argument('<key-id>', 'see `enrich keys list`')
    .option('--json', 'print one JSON document instead of text')
    .action(async (keyId: string, { json }: { readonly json?: boolean }) => {
      const wasValid = await withAccess((access) => endKey(access, keyId));
      if (!wasValid) throw new NotFound(`no key '${keyId}' that is not revoked: enrich keys list`);
      const document = { key_id: keyId, revoked: true };
      process.stdout.write(`${json === true ? JSON.stringify(document) : `${keyId} is revoked.`}\n`);
    });
}
