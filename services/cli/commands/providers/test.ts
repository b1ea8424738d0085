import type { Command } from 'commander';
import type { Inspection } from '../../../../shared/asking/inspect.ts';
import type { Controls } from '../../../../shared/controls/controls.ts';
import { InputError } from '../../../../shared/input/raw-row.ts';
import type { EntityKind, Pipeline } from '../../../../shared/pipelines/pipeline.ts';
import { pipelines } from '../../../../shared/pipelines/registry.ts';
import { loadProvider } from '../../../../shared/providers/registry.ts';
import type { Fields } from '../../../../shared/task/task.ts';
import { loadConfig } from '../../config.ts';
import { providerArgument } from '../../controls/provider-argument.ts';
import { withControls } from '../../controls/with-controls.ts';
import { parseCount } from '../../dlq/filter-options.ts';
import { EXIT } from '../../exit-code.ts';
import {
  addEntityOptions,
  askedTask,
  type EntityFlags,
  isUnsaid,
  taskOf,
} from '../../explain/asked-entity.ts';
import { type InspectionDesk, openInspectionDesk } from '../../explain/inspection-desk.ts';
import { inspectionDocument, inspectionText } from '../../explain/inspection-text.ts';
import { interruptible } from '../../interruption.ts';

const EXAMPLES = `
One real look-up, through the provider's gate and past every cache. Without a record it asks for a well-known one.

Examples:
  $ enrich providers test spotify
  $ enrich providers test musicbrainz --artist "Daft Punk" --title Aerodynamic
  $ enrich providers test tmdb --title "Blade Runner" --year 1982 --json

Exit codes: 0 found, 2 usage, 4 no credentials or refused ones, 5 not found, 75 failed or servers away.`;

interface Flags extends EntityFlags {
  readonly timeout: number;
  readonly json?: boolean;
}

const WELL_KNOWN: Readonly<Record<EntityKind, Fields>> = {
  track: { artist: 'Deadmau5', title: 'Strobe' },
  movie: { title: 'Blade Runner', year: 1982 },
};
const WIDTH_OF_FILES = 120;

/** `enrich providers test`. */
export function addTest(providers: Command): void {
  const command = providers
    .command('test')
    .description('Make one real look-up and show what came back.')
    .addArgument(providerArgument());
  addEntityOptions(command)
    .option('--timeout <seconds>', 'give up after so long', parseCount, 60)
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (provider: string, flags: Flags) => {
      process.exitCode = await withControls({}, (controls) => test(provider, flags, controls));
    });
}

async function test(provider: string, flags: Flags, controls: Controls): Promise<number> {
  const { kind } = await loadProvider(provider);
  const pipeline = pipelines.find((one) => one.kind === kind);
  if (pipeline === undefined) throw new InputError(`no pipeline asks ${provider}`);
  const task = isUnsaid(flags)
    ? taskOf(pipeline, WELL_KNOWN[kind])
    : await askedTask(pipeline, flags, controls.pool);
  const signal = AbortSignal.any([interruptible(), AbortSignal.timeout(flags.timeout * 1_000)]);
  const desk = await openInspectionDesk(controls, { config: loadConfig(), readsCache: false, signal });
  try {
    const missing = desk.off.get(provider);
    if (missing !== undefined) {
      process.stderr.write(`enrich: ${provider} is off: ${missing.join(', ')} missing\n`);
      return EXIT.credentials;
    }
    const made = await inspectOne(desk, pipeline, provider, task.entity);
    print(made, pipeline.label(task.entity), flags.json === true);
    return codeOf(made.at(-1));
  } finally {
    await desk.close();
  }
}

/** A supplement is asked about what its base found, so that is looked up first. */
async function inspectOne(
  desk: InspectionDesk,
  pipeline: Pipeline,
  provider: string,
  entity: Fields,
): Promise<readonly Inspection[]> {
  const supplement = desk.supplements.get(provider);
  if (supplement === undefined) return [await desk.inspect(provider, pipeline, pipeline.query(entity))];
  const base = await desk.inspect(supplement.base, pipeline, pipeline.query(entity));
  const question = supplement.question(base.answer?.fields ?? {});
  return question === undefined ? [base] : [base, await desk.inspect(provider, pipeline, question)];
}

function print(made: readonly Inspection[], label: string, isJson: boolean): void {
  const { stdout } = process;
  if (isJson) {
    stdout.write(
      `${JSON.stringify({ record: label, look_ups: made.map(inspectionDocument) }, undefined, 2)}\n`,
    );
    return;
  }
  const width = stdout.isTTY ? stdout.columns : WIDTH_OF_FILES;
  const fields = made.at(-1)?.answer?.fields;
  const found = fields === undefined ? [] : ['', JSON.stringify(fields, undefined, 2)];
  stdout.write(`${[label, '', ...made.map((one) => inspectionText(one, width)), ...found].join('\n')}\n`);
}

function codeOf(made: Inspection | undefined): number {
  if (made?.answer !== undefined) return made.answer.kind === 'hit' ? EXIT.ok : EXIT.notFound;
  const kind = made?.error !== undefined && 'kind' in made.error ? made.error.kind : undefined;
  return kind === 'auth' || kind === 'forbidden' ? EXIT.credentials : EXIT.temporary;
}
