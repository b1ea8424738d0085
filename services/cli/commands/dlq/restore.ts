import type { Command } from 'commander';
import { restore } from '../../../../shared/dead-letters/restore.ts';
import { withDesk } from '../../dlq/with-desk.ts';
import { EXIT } from '../../exit-code.ts';
import { thousands } from '../../progress-line.ts';

const EXAMPLES = `
Restoring a file twice does nothing the second time: letters that are in their queue are skipped.

Example:
  $ enrich dlq restore discarded-2031-05-01T12-00-00-000Z.ndjson`;

/** `enrich dlq restore`. */
export function addRestore(dlq: Command): void {
  dlq
    .command('restore')
    .description('Put discarded letters back into their queues.')
    .argument('<file>', 'what enrich dlq discard has written')
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, { json }: { json?: boolean }) => {
      process.exitCode = await withDesk(async ({ desk, signal }) => {
        const end = await restore(desk, file, signal);
        const text = `${thousands(end.restored)} restored, ${thousands(end.skipped)} were there already.`;
        process.stdout.write(`${json === true ? JSON.stringify(end) : text}\n`);
        return signal.aborted ? EXIT.interrupted : EXIT.ok;
      });
    });
}
