/** The command line. Each command is a file in commands/ and is named here. */
import { Command, CommanderError } from 'commander';
import { scrubUrls } from '../../shared/observability/log-line.ts';
import { VERSION } from '../../shared/runtime/version.ts';
import { addDlq } from './commands/dlq.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExplain } from './commands/explain.ts';
import { addJobs } from './commands/jobs.ts';
import { addKeys } from './commands/keys.ts';
import { addPause } from './commands/pause.ts';
import { addProviders } from './commands/providers.ts';
import { addPublish } from './commands/publish.ts';
import { addRefresh } from './commands/refresh.ts';
import { addScale } from './commands/scale.ts';
import { addSchedule } from './commands/schedule.ts';
import { addStatus } from './commands/status.ts';
import { addSubmit } from './commands/submit.ts';
import { adviceFor, exitCodeOf } from './exit-code.ts';

const commands = [
  addSubmit,
  addJobs,
  addPublish,
  addStatus,
  addDoctor,
  addScale,
  addProviders,
  addPause,
  addExplain,
  addRefresh,
  addDlq,
  addSchedule,
  addKeys,
];

const program = new Command('enrich')
  .description('Enriches thin track and movie records from metadata services.')
  .version(VERSION)
  .showHelpAfterError('(enrich --help, enrich <command> --help)')
  // Of `enrich providers purge --json` the flag is the subcommand's, though `enrich providers` has one too.
  .enablePositionalOptions()
  .exitOverride();
for (const add of commands) add(program);

try {
  await program.parseAsync();
} catch (error) {
  // Commander has said its own already.
  if (!(error instanceof CommanderError)) {
    const lines = [`enrich: ${scrubUrls((error as Error).message)}`, adviceFor(error)].filter(Boolean);
    process.stderr.write(`${lines.join('\n')}\n`);
  }
  process.exitCode = exitCodeOf(error);
}
// The command is over. A socket whose peer never answered the farewell would keep the process alive.
setTimeout(() => process.exit(), 2_000).unref();
