import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline as pipe } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import {
  EXPORT_FORMATS,
  type ExportFormat,
  exportLines,
} from '../../../../shared/dead-letters/export-letters.ts';
import { addFilterOptions, filterOf, type FilterFlags } from '../../dlq/filter-options.ts';
import { withIndex } from '../../dlq/with-desk.ts';

const EXAMPLES = `
Examples:
  $ enrich dlq export --since 1d -o dead.ndjson
  $ enrich dlq export --format csv --provider tmdb > dead.csv`;

interface ExportFlags extends FilterFlags {
  readonly format: ExportFormat;
  readonly output?: string;
}

/** `enrich dlq export`. */
export function addExport(dlq: Command): void {
  addFilterOptions(
    dlq.command('export').description('Dead letters for other programs; they stay where they are.'),
  )
    .addOption(
      new Option('--format <name>', 'one JSON object a line, or CSV')
        .choices(EXPORT_FORMATS)
        .default('ndjson'),
    )
    .option('-o, --output <file>', 'instead of standard output')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ExportFlags) => {
      await withIndex(async (pool) => {
        const lines = Readable.from(exportLines(pool, filterOf(flags), flags.format));
        if (flags.output !== undefined) await pipe(lines, createWriteStream(flags.output));
        else await pipe(lines, process.stdout, { end: false });
      });
    });
}
