import type { Command } from 'commander';
import { lookAtSystem } from '../../../shared/controls/look-at-system.ts';
import { statusDocument } from '../../../shared/controls/status-document.ts';
import { withSystem } from '../controls/with-system.ts';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interruption.ts';
import { isAnimated } from '../is-animated.ts';
import { redraw } from '../redraw.ts';
import { statusText } from '../status/status-text.ts';

const EXAMPLES = `
WAITING is in the broker and in the hands of workers; RATE, of the last minute, is tasks finished for a lane, deliveries
settled for a stage and a worker; ETA is what waits at that rate; OLDEST is since publishing. WORKERS of a lane are those
that serve it / those that it has use for: as many as empty the entry in time, and as a provider's limit keeps busy. Lines
with ! say what is wrong, and which command comes next.

Examples:
  $ enrich status                 live at a terminal, until Ctrl-C
  $ enrich status --once
  $ enrich status --json | jq .next

Exit codes: 0 done, 75 Redis or Postgres away (enrich doctor), 130 Ctrl-C.`;

interface Flags {
  readonly once?: boolean;
  readonly json?: boolean;
}

const EVERY_MS = 2_000;
const WIDTH_OF_FILES = 120;

/** `enrich status`. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('What waits, who works on it, and what to do next.')
    .option('--once', 'print it once, also at a terminal')
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      process.exitCode = await show(flags);
    });
}

const show = ({ once, json }: Flags): Promise<number> =>
  withSystem(async (system) => {
    const { stdout } = process;
    if (isAnimated(stdout) && once !== true && json !== true) {
      const draw = async (width: number): Promise<string> => statusText(await lookAtSystem(system), width);
      await redraw(stdout, EVERY_MS, interruptible(), draw);
      return EXIT.interrupted;
    }
    const status = await lookAtSystem(system);
    const width = stdout.isTTY ? stdout.columns : WIDTH_OF_FILES;
    const text =
      json === true ? JSON.stringify(statusDocument(status), undefined, 2) : statusText(status, width);
    stdout.write(`${text}\n`);
    return EXIT.ok;
  });
