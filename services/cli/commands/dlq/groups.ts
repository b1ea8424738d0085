import type { Command } from 'commander';
import { groupsDocument } from '../../../../shared/dead-letters/groups-document.ts';
import { type LetterGroup, listGroups } from '../../../../shared/postgres/dead-letter-search.ts';
import { addFilterOptions, filterOf, type FilterFlags } from '../../dlq/filter-options.ts';
import { ago, shortened, table } from '../../dlq/letter-table.ts';
import { withIndex } from '../../dlq/with-desk.ts';
import { thousands } from '../../progress-line.ts';

const EXAMPLES = `
Examples:
  $ enrich dlq groups
  $ enrich dlq groups --since 1h --json
  $ enrich dlq groups --provider spotify`;

/** `enrich dlq groups`. */
export function addGroups(dlq: Command): void {
  addFilterOptions(
    dlq.command('groups').description('Causes, with how many letters each has; the largest first.'),
  )
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: FilterFlags & { json?: boolean }) => {
      const groups = await withIndex((pool) => listGroups(pool, filterOf(flags)));
      const text =
        flags.json === true ? JSON.stringify(groupsDocument(groups), undefined, 2) : groupsText(groups);
      process.stdout.write(`${text}\n`);
    });
}

function groupsText(groups: readonly LetterGroup[]): string {
  const [first] = groups;
  if (first === undefined) return 'No dead letters.';
  const rows = groups.map((group) => [
    group.fingerprint,
    thousands(group.count),
    `${(group.share * 100).toFixed(1)} %`,
    group.pipeline,
    ago(group.firstSeen),
    ago(group.lastSeen),
    group.replayed > 0 ? thousands(group.replayed) : '-',
    `${group.errorClass}: ${shortened(group.sample, 80)}`,
  ]);
  const head = ['GROUP', 'COUNT', 'SHARE', 'PIPELINE', 'FIRST SEEN', 'LAST SEEN', 'CAME BACK', 'CAUSE'];
  return `${table(head, rows)}\n\nNext: enrich dlq list --group ${first.fingerprint}, enrich dlq replay --group ${first.fingerprint}`;
}
