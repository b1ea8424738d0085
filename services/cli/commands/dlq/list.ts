import type { Command } from 'commander';
import { letterDocument } from '../../../../shared/dead-letters/export-letters.ts';
import {
  countLetters,
  type IndexedLetter,
  listLetters,
} from '../../../../shared/postgres/dead-letter-search.ts';
import { addFilterOptions, filterOf, type FilterFlags, parseCount } from '../../dlq/filter-options.ts';
import { ago, shortened, table } from '../../dlq/letter-table.ts';
import { withIndex } from '../../dlq/with-desk.ts';
import { thousands } from '../../progress-line.ts';

const EXAMPLES = `
Examples:
  $ enrich dlq list --since 2h
  $ enrich dlq list --pipeline movies --grep "blade runner"
  $ enrich dlq list --reason poison --json`;

interface ListFlags extends FilterFlags {
  readonly limit: number;
  readonly json?: boolean;
}

/** `enrich dlq list`. */
export function addList(dlq: Command): void {
  addFilterOptions(dlq.command('list').description('Dead letters, the newest first.'))
    .option('--limit <n>', 'how many to show', parseCount, 20)
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ListFlags) => {
      const filter = filterOf(flags);
      const { letters, total } = await withIndex(async (pool) => ({
        letters: await listLetters(pool, filter, { limit: flags.limit }),
        total: await countLetters(pool, filter),
      }));
      const text =
        flags.json === true
          ? JSON.stringify({ total, letters: letters.map(letterDocument) }, undefined, 2)
          : listText(letters, total);
      process.stdout.write(`${text}\n`);
    });
}

function listText(letters: readonly IndexedLetter[], total: number): string {
  if (letters.length === 0) return 'No dead letters match.';
  const rows = letters.map((letter) => [
    letter.id,
    letter.pipeline,
    letter.fingerprint,
    ago(letter.diedAt),
    String(letter.attempts),
    String(letter.replays),
    `${letter.errorClass}: ${shortened(letter.error, 80)}`,
  ]);
  const more =
    total > letters.length
      ? `\n… ${thousands(letters.length)} of ${thousands(total)}; --limit shows more`
      : '';
  const head = ['ID', 'PIPELINE', 'GROUP', 'DIED', 'ATTEMPTS', 'REPLAYS', 'ERROR'];
  return `${table(head, rows)}${more}\n\nNext: enrich dlq show ${letters[0]?.id ?? '<id>'}`;
}
