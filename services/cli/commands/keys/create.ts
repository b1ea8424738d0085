import { type Command, Option } from 'commander';
import { type Scope, SCOPES } from '../../../../shared/access/api-key.ts';
import { createKey } from '../../../../shared/access/keys.ts';
import { parseCount } from '../../dlq/filter-options.ts';
import { showKey } from '../../keys/made-key.ts';
import { withAccess } from '../../keys/with-access.ts';
import { parseSpan } from '../../parse-span.ts';

interface Flags {
  readonly name: string;
  readonly owner: string;
  readonly scope: Scope;
  readonly expires?: number;
  readonly maxJobs?: number;
  readonly maxRows?: number;
  readonly json?: boolean;
}

/** `enrich keys create`. */
export function addCreateKey(keys: Command): void {
  keys
    .command('create')
    .description('Make a key; it is shown this once.')
    .requiredOption('--name <text>', 'what it is for')
    .option('--owner <name>', 'whose jobs and results it reaches (default: those without an owner)', '')
    .addOption(new Option('--scope <scope>', 'what it may do').choices(SCOPES).default('operator'))
    .option('--expires <time>', 'ends by itself: 12h, 90d (default: when it is revoked)', parseSpan)
    .option('--max-jobs <n>', 'most unfinished jobs of the owner (default: as the service says)', parseCount)
    .option('--max-rows <n>', 'most unfinished rows of the owner (default: as the service says)', parseCount)
    .option('--json', 'print one JSON document instead of text')
    .action(async ({ name, owner, scope, expires, maxJobs, maxRows, json }: Flags) => {
      const wish = {
        name,
        owner,
        scope,
        ...(expires !== undefined && { expiresAt: new Date(Date.now() + expires) }),
        ...(maxJobs !== undefined && { maxRunningJobs: maxJobs }),
        ...(maxRows !== undefined && { maxRows }),
      };
      const made = await withAccess((access) => createKey(access, wish));
      showKey({ ...made, isJson: json === true });
    });
}
