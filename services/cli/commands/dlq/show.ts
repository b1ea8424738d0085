import type { Command } from 'commander';
import { letterDocument } from '../../../../shared/dead-letters/export-letters.ts';
import { findLetters, type IndexedLetter } from '../../../../shared/postgres/dead-letter-search.ts';
import { withIndex } from '../../dlq/with-desk.ts';
import { EXIT } from '../../exit-code.ts';

const EXAMPLES = `
Example:
  $ enrich dlq show 0198c0de-4a51-7000-8000-3f2a9b1c5d77`;

/** `enrich dlq show`. */
export function addShow(dlq: Command): void {
  dlq
    .command('show')
    .description('All that is known of one letter, in whatever state it is.')
    .argument('<id>', 'id of the letter, or of its task')
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, { json }: { json?: boolean }) => {
      const letters = await withIndex((pool) => findLetters(pool, id));
      if (letters.length === 0) {
        process.stderr.write(
          `enrich: no dead letter '${id}' in the index; enrich dlq reindex makes it anew\n`,
        );
        process.exitCode = EXIT.notFound;
        return;
      }
      const text =
        json === true
          ? JSON.stringify(letters.map(letterDocument), undefined, 2)
          : letters.map(letterText).join('\n\n');
      process.stdout.write(`${text}\n`);
    });
}

function letterText(letter: IndexedLetter): string {
  const { body, headers, ...facts } = letterDocument(letter);
  const lines = Object.entries(facts)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${`${name}:`.padEnd(16)} ${String(value)}`);
  return [...lines, `headers: ${indented(headers)}`, `body: ${indented(body)}`].join('\n');
}

const indented = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
