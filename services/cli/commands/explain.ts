import { type Command, Option } from 'commander';
import type { Controls } from '../../../shared/controls/controls.ts';
import { InputError } from '../../../shared/input/raw-row.ts';
import type { Pipeline } from '../../../shared/pipelines/pipeline.ts';
import { pipelineNamed, pipelines } from '../../../shared/pipelines/registry.ts';
import { STRATEGIES } from '../../../shared/task/task.ts';
import { loadConfig } from '../config.ts';
import { withControls } from '../controls/with-controls.ts';
import { parseCount } from '../dlq/filter-options.ts';
import { EXIT } from '../exit-code.ts';
import { addEntityOptions, askedTask, isUnsaid, type SourceFlags } from '../explain/asked-entity.ts';
import { explainTask } from '../explain/explain-task.ts';
import { explanationDocument, explanationText } from '../explain/explanation-text.ts';
import { openInspectionDesk } from '../explain/inspection-desk.ts';
import { interruptible } from '../interruption.ts';

const EXAMPLES = `
Asks the providers as a worker would, each request through its gate, and shows every candidate: how far apart its fields
are (0 equal, 1 nothing in common), what rules it out, and what is decided. Nothing is written to the result tables.

Examples:
  $ enrich explain --pipeline tracks --artist Deadmau5 --title Strobe
  $ enrich explain --pipeline movies --title "Blade Runner" --year 1982 --json
  $ enrich explain --pipeline tracks --file tracks.csv --row 17 --strategy merge
  $ enrich explain --pipeline tracks --task-id 0b7c2f0e-5d0c-4f6e-9a55-0d4d5c1f7a10

Exit codes: 0 enriched, 2 usage, 5 no match, 75 servers away or a provider failed.`;

interface Flags extends SourceFlags {
  readonly pipeline: string;
  readonly timeout: number;
  readonly json?: boolean;
}

const WIDTH_OF_FILES = 120;

/** `enrich explain`. */
export function addExplain(program: Command): void {
  const names = pipelines.map(({ name }) => name);
  const command = program
    .command('explain')
    .description('Look one record up and show how its match is decided.')
    .addOption(new Option('--pipeline <name>', 'what the record is').choices(names).default(names[0]));
  addEntityOptions(command)
    .option('--task-id <id>', 'the record of a task that has a result, or is a dead letter')
    .option('--file <file>', 'a record of this file, read as by enrich publish')
    .option('--row <n>', 'which one, counted from 1', parseCount)
    .addOption(new Option('--strategy <name>', 'stop at the first match, or merge all').choices(STRATEGIES))
    .option('--timeout <seconds>', 'give up after so long', parseCount, 120)
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      process.exitCode = await withControls({}, (controls) => explain(flags, controls));
    });
}

async function explain(flags: Flags, controls: Controls): Promise<number> {
  if (flags.taskId === undefined && flags.file === undefined && isUnsaid(flags))
    throw new InputError('which record? Say its fields, such as --title, or --task-id, or --file with --row');
  const pipeline = pipelineOf(flags.pipeline);
  const task = await askedTask(pipeline, flags, controls.pool);
  const signal = AbortSignal.any([interruptible(), AbortSignal.timeout(flags.timeout * 1_000)]);
  const desk = await openInspectionDesk(controls, { config: loadConfig(), readsCache: true, signal });
  try {
    const explanation = await explainTask(task, pipeline, desk);
    const { stdout } = process;
    const width = stdout.isTTY ? stdout.columns : WIDTH_OF_FILES;
    const text =
      flags.json === true
        ? JSON.stringify(explanationDocument(explanation), undefined, 2)
        : explanationText(explanation, pipeline.label(task.entity), width);
    stdout.write(`${text}\n`);
    if (explanation.completion.outcome === 'enriched') return EXIT.ok;
    return explanation.completion.outcome === 'dead' ? EXIT.temporary : EXIT.notFound;
  } finally {
    await desk.close();
  }
}

function pipelineOf(name: string): Pipeline {
  const pipeline = pipelineNamed(name);
  if (pipeline === undefined) throw new InputError(`there is no pipeline '${name}'`);
  return pipeline;
}
