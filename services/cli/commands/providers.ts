import type { Command } from 'commander';
import { listProviderReports } from '../../../shared/controls/list-provider-reports.ts';
import { providersDocument } from '../../../shared/controls/provider-document.ts';
import type { ProviderReport } from '../../../shared/controls/provider-report.ts';
import { type LanePause, listLanePauses } from '../../../shared/postgres/lane-pauses.ts';
import { providerArgument } from '../controls/provider-argument.ts';
import { withSystem } from '../controls/with-system.ts';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interruption.ts';
import { providersTable } from '../providers/providers-table.ts';
import { redraw } from '../redraw.ts';
import { addPauseCommands } from './pause.ts';
import { addPurge } from './providers/purge.ts';
import { addSetRate } from './providers/set-rate.ts';
import { addTest } from './providers/test.ts';

const EXAMPLES = `
RATE/MIN is requests of the last minute and how many were allowed; WAITING is the priority and the backlog lane; ETA is
what waits at the rate in force, with as many requests each as lately. A wider terminal shows more; --json shows all.

Examples:
  $ enrich providers --watch
  $ enrich providers pause spotify --for 30m --reason "key is renewed"
  $ enrich providers set-rate musicbrainz 1/s
  $ enrich providers test tmdb --title "Blade Runner" --year 1982

Exit codes: 0 done, 2 usage, 5 nothing found, 75 servers away, 130 Ctrl-C.`;

interface Flags {
  readonly watch?: boolean;
  readonly json?: boolean;
}

const EVERY_MS = 2_000;
const WIDTH_OF_FILES = 120;

/** `enrich providers` and what belongs to it. */
export function addProviders(program: Command): void {
  const providers = program
    .command('providers')
    .description('How providers do, and what to do about it.')
    .option('--watch', 'draw again every two seconds, at a terminal')
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      process.exitCode = await show(flags);
    });
  addPauseCommands(providers, providerArgument);
  for (const add of [addSetRate, addPurge, addTest]) add(providers);
}

const show = ({ watch, json }: Flags): Promise<number> =>
  withSystem(async (system) => {
    const { stdout } = process;
    const read = async (): Promise<readonly [readonly ProviderReport[], readonly LanePause[]]> => [
      await listProviderReports(system),
      await listLanePauses(system.pool),
    ];
    if (watch === true && stdout.isTTY && json !== true) {
      const draw = async (width: number): Promise<string> => providersTable(...(await read()), width);
      await redraw(stdout, EVERY_MS, interruptible(), draw);
      return EXIT.interrupted;
    }
    const found = await read();
    const width = stdout.isTTY ? stdout.columns : WIDTH_OF_FILES;
    const text =
      json === true
        ? JSON.stringify(providersDocument(...found), undefined, 2)
        : providersTable(...found, width);
    stdout.write(`${text}\n`);
    return EXIT.ok;
  });
