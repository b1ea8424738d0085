import type { Command } from 'commander';
import { discard } from '../../../../shared/dead-letters/discard.ts';
import { pipelinesOf } from '../../../../shared/dead-letters/dead-letter-queues.ts';
import {
  addAllOption,
  addFilterOptions,
  type FilterFlags,
  parseCount,
  wantedOf,
} from '../../dlq/filter-options.ts';
import { withDesk } from '../../dlq/with-desk.ts';
import { EXIT } from '../../exit-code.ts';
import { thousands } from '../../progress-line.ts';

const EXAMPLES = `
The letters are written to the file before they leave the queue; enrich dlq restore <file> puts them back.

Examples:
  $ enrich dlq discard --reason not_json
  $ enrich dlq discard --group 3fa9 --to spotify-outage.ndjson`;

interface DiscardFlags extends FilterFlags {
  readonly all?: boolean;
  readonly to?: string;
  readonly limit?: number;
  readonly json?: boolean;
}

/** `enrich dlq discard`. */
export function addDiscard(dlq: Command): void {
  const command = dlq.command('discard').description('Take dead letters out of their queue, into a file.');
  addAllOption(addFilterOptions(command))
    .option('--to <file>', 'NDJSON file that they are added to (default: discarded-<time>.ndjson here)')
    .option('--limit <n>', 'at most so many', parseCount)
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: DiscardFlags) => {
      process.exitCode = await discardAll(flags);
    });
}

async function discardAll(flags: DiscardFlags): Promise<number> {
  const filter = wantedOf(flags);
  const file = flags.to ?? `discarded-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.ndjson`;
  return withDesk(async ({ desk, signal, progress }) => {
    let discarded = 0;
    let [seen, bound] = [0, 0];
    progress.start(() => ({ count: seen, ...(bound > 0 && { fraction: seen / bound }) }));
    for (const pipeline of pipelinesOf(filter)) {
      const left = flags.limit === undefined ? undefined : flags.limit - discarded;
      if (signal.aborted || left === 0) break;
      const request = { pipeline, filter, file, ...(left !== undefined && { limit: left }) };
      const end = await discard(desk, request, {
        signal,
        onProgress: (now) => {
          ({ seen, bound } = now);
        },
      });
      discarded += end.discarded;
    }
    progress.end();
    const document = { discarded, file, interrupted: signal.aborted };
    const text = `${thousands(discarded)} discarded to ${file}. enrich dlq restore ${file} puts them back.`;
    process.stdout.write(`${flags.json === true ? JSON.stringify(document) : text}\n`);
    return signal.aborted ? EXIT.interrupted : EXIT.ok;
  });
}
