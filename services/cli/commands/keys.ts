import type { Command } from 'commander';
import { addCreateKey } from './keys/create.ts';
import { addListKeys } from './keys/list.ts';
import { addRevokeKey } from './keys/revoke.ts';
import { addRotateKey } from './keys/rotate.ts';

const HELP = `
A key belongs to an owner and reaches what is the owner's. viewer reads, operator also submits and steers jobs, admin also
reaches providers, lanes and what belongs to others.

Where to begin:
  $ enrich keys create --name shop --owner shop --scope operator --expires 90d
  $ enrich keys list
  $ enrich keys rotate 4fJq09Lx --overlap 1d

Exit codes: 0 done, 2 usage, 5 no such key, 75 servers away.`;

/** `enrich keys …`: who may use the HTTP API. */
export function addKeys(program: Command): void {
  const keys = program.command('keys').description('Who may use the HTTP API.').addHelpText('after', HELP);
  for (const add of [addCreateKey, addListKeys, addRotateKey, addRevokeKey]) add(keys);
}
