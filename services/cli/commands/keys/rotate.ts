import type { Command } from 'commander';
import { rotateKey } from '../../../../shared/access/keys.ts';
import { showKey } from '../../keys/made-key.ts';
import { withAccess } from '../../keys/with-access.ts';
import { NotFound } from '../../not-found.ts';
import { parseSpan } from '../../parse-span.ts';
import { duration } from '../../progress-line.ts';

const DAY_MS = 86_400_000;

/** `enrich keys rotate`. */
export function addRotateKey(keys: Command): void {
  keys
    .command('rotate')
    .description('Make a key in place of another; for a while both count.')
    .argument('<key-id>', 'of the old one')
    .option('--overlap <time>', 'how long the old one still counts', parseSpan, DAY_MS)
    .option('--json', 'print one JSON document instead of text')
    .action(
      async (keyId: string, { overlap, json }: { readonly overlap: number; readonly json?: boolean }) => {
        const made = await withAccess((access) => rotateKey(access, keyId, overlap));
        if (made === undefined) throw new NotFound(`no key '${keyId}' that counts: enrich keys list`);
        const note = `${keyId} counts for ${duration(overlap / 1_000)} more.`;
        showKey({ ...made, isJson: json === true, note });
      },
    );
}
