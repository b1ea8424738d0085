import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { purgeProvider, type Purged } from '../../../../shared/controls/purge-provider.ts';
import { InputError } from '../../../../shared/input/raw-row.ts';
import { currentEnvironment } from '../../../../shared/runtime/environment.ts';
import { providerArgument } from '../../controls/provider-argument.ts';
import { type ActorFlag, addActorOption, withControls } from '../../controls/with-controls.ts';
import { EXIT } from '../../exit-code.ts';
import { interruptible } from '../../interruption.ts';
import { ProgressLine, thousands } from '../../progress-line.ts';

const EXAMPLES = `
Deletes its cached answers and responses, and takes the fields that it gave out of tracks and movies, by their
provenance. A row whose match was its own is as if it had not been looked up. Pause the provider first and let what is
under way end: a task carries its answers, and brings them back. Dead letters keep what they hold (enrich dlq discard).

Examples:
  $ enrich providers purge lastfm --dry-run     how much there is
  $ enrich providers purge lastfm               asks for the name once more
  $ enrich providers purge lastfm --yes --json

Ctrl-C stops between two batches; the same command goes on with what is left.`;

interface Flags extends ActorFlag {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `enrich providers purge`. */
export function addPurge(providers: Command): void {
  const command = providers
    .command('purge')
    .description('Delete all that is kept of a provider: licences ask for it.')
    .addArgument(providerArgument());
  addActorOption(command)
    .option('--dry-run', 'only say how much there is')
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (provider: string, flags: Flags) => {
      process.exitCode = await purge(provider, flags);
    });
}

async function purge(provider: string, flags: Flags): Promise<number> {
  const isDryRun = flags.dryRun === true;
  const { stderr, stdout } = process;
  const { TERM, CI } = currentEnvironment();
  return withControls(flags, async (controls) => {
    if (!isDryRun && flags.yes !== true) await confirm(provider);
    const signal = interruptible();
    const isShown = stderr.isTTY && TERM !== 'dumb' && CI === undefined;
    const progress = new ProgressLine({ stream: stderr, isShown, unit: 'keys and rows' });
    let now: Purged = { cached: 0, rows: 0, fields: 0, seen: 0, isComplete: false };
    progress.start(() => ({ count: now.cached + now.seen, remark: `${thousands(now.fields)} fields` }));
    now = await purgeProvider(controls, provider, {
      isDryRun,
      signal,
      onProgress: (purged) => {
        now = purged;
      },
    }).finally(() => {
      progress.end();
    });
    const { cached, rows, fields, isComplete } = now;
    const text =
      `${provider}: ${isDryRun ? 'would delete' : 'deleted'} ${thousands(cached)} cached answers and responses, ` +
      `and ${thousands(fields)} fields of ${thousands(rows)} rows.`;
    const document = { provider, dry_run: isDryRun, cached, rows, fields, complete: isComplete };
    stdout.write(`${flags.json === true ? JSON.stringify(document) : text}\n`);
    return isComplete ? EXIT.ok : EXIT.interrupted;
  });
}

/** Throws InputError unless somebody at a terminal types the name. */
async function confirm(provider: string): Promise<void> {
  if (!process.stdin.isTTY) throw new InputError('nobody is there to confirm it: say --yes, or --dry-run');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const typed = await terminal.question(`This deletes all that is kept of ${provider}. Type its name: `);
  terminal.close();
  if (typed.trim() !== provider) throw new InputError('that is not its name: nothing was deleted');
}
