import { type Command, Option } from 'commander';
import { pipelinesOf } from '../../../../shared/dead-letters/dead-letter-queues.ts';
import { reindex, type ReindexEnd } from '../../../../shared/dead-letters/reindex.ts';
import { pipelines } from '../../../../shared/pipelines/registry.ts';
import { withDesk } from '../../dlq/with-desk.ts';
import { EXIT } from '../../exit-code.ts';
import { thousands } from '../../progress-line.ts';

const EXAMPLES = `
The queues are the truth. After a crash, or when somebody moved messages by hand, the index may say something else.

Example:
  $ enrich dlq reindex`;

/** `enrich dlq reindex`. */
export function addReindex(dlq: Command): void {
  dlq
    .command('reindex')
    .description('Make the index say what the queues hold.')
    .addOption(new Option('--pipeline <name>', 'only this one').choices(pipelines.map(({ name }) => name)))
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: { pipeline?: string; json?: boolean }) => {
      process.exitCode = await withDesk(async ({ desk, signal, progress }) => {
        const ends: (ReindexEnd & { pipeline: string })[] = [];
        let [seen, bound] = [0, 0];
        progress.start(() => ({ count: seen, ...(bound > 0 && { fraction: seen / bound }) }));
        const onProgress = (now: { seen: number; bound: number }): void => {
          ({ seen, bound } = now);
        };
        for (const pipeline of pipelinesOf(flags)) {
          if (signal.aborted) break;
          ends.push({ pipeline: pipeline.name, ...(await reindex(desk, pipeline, { signal, onProgress })) });
        }
        progress.end();
        process.stdout.write(
          `${flags.json === true ? JSON.stringify(ends, undefined, 2) : ends.map(text).join('\n')}\n`,
        );
        return signal.aborted ? EXIT.interrupted : EXIT.ok;
      });
    });
}

const text = ({ pipeline, seen, gone }: ReindexEnd & { pipeline: string }): string =>
  `${pipeline}: ${thousands(seen)} letters in the queue${gone > 0 ? `, ${thousands(gone)} rows of others marked gone` : ''}.`;
