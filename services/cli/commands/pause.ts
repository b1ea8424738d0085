import { Argument, type Command } from 'commander';
import { PAUSE_TARGETS } from '../../../shared/postgres/lane-pauses.ts';
import { listProviders } from '../../../shared/providers/registry.ts';
import { pause, type PauseFlags, resume, type Turned } from '../controls/pause-target.ts';
import { type ActorFlag, addActorOption, withControls } from '../controls/with-controls.ts';
import { parseSpan } from '../parse-span.ts';

const PAUSE_EXAMPLES = `
A lane: workers take nothing new from its entry and provider stages; messages wait in the broker. intake: the entry
stages of both lanes, so what is under way is finished. A provider: no worker asks it.

Examples:
  $ enrich pause backlog --for 30m --reason "database maintenance"
  $ enrich pause intake
  $ enrich pause spotify --for 2h

Exit codes: 0 done, 2 usage, 75 servers away.`;

const RESUME_EXAMPLES = `
Takes back what enrich pause said. A Retry-After, a quota or an open circuit of a provider stays in force.

Examples:
  $ enrich resume backlog
  $ enrich resume spotify`;

interface Flags extends PauseFlags, ActorFlag {
  readonly json?: boolean;
}

/** `enrich pause` and `enrich resume`, of lanes, of the intake, and of providers. */
export function addPause(program: Command): void {
  const targets = [...PAUSE_TARGETS, ...listProviders()];
  addPauseCommands(program, () => new Argument('<what>', 'a lane, intake or a provider').choices(targets));
}

/** Both commands, for what the argument names. */
export function addPauseCommands(parent: Command, argument: () => Argument): void {
  const pausing = parent.command('pause').description('Let it rest: nothing is lost, it waits.');
  addActorOption(pausing.addArgument(argument()))
    .option('--for <time>', 'ends by itself: 30m, 2h, 7d (default: until resumed)', parseSpan)
    .option('--reason <text>', 'shown to whoever asks why')
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', PAUSE_EXAMPLES)
    .action(async (target: string, flags: Flags) => {
      print(await withControls(flags, (controls) => pause(controls, target, flags)), flags);
    });
  const resuming = parent.command('resume').description('Let it go on.');
  addActorOption(resuming.addArgument(argument()))
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', RESUME_EXAMPLES)
    .action(async (target: string, flags: Flags) => {
      print(await withControls(flags, (controls) => resume(controls, target)), flags);
    });
}

function print({ text, ...document }: Turned, { json }: Flags): void {
  process.stdout.write(`${json === true ? JSON.stringify(document) : text}\n`);
}
