import { hostname } from 'node:os';
import { basename, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { parseColumnMap } from '../../../shared/input/columns.ts';
import { FORMATS } from '../../../shared/input/format.ts';
import type { Format } from '../../../shared/input/format.ts';
import { InputError } from '../../../shared/input/raw-row.ts';
import { SILENT } from '../../../shared/observability/log.ts';
import { pipelineNamed, pipelines } from '../../../shared/pipelines/registry.ts';
import { listProviders } from '../../../shared/providers/registry.ts';
import { TaskPublisher } from '../../../shared/rabbitmq/task-publisher.ts';
import { openDedupeWindow } from '../../../shared/redis/dedupe-window.ts';
import { parseRate } from '../../../shared/runtime/environment.ts';
import type { Rate } from '../../../shared/runtime/environment.ts';
import { HIGHEST_PRIORITY, LANES, STRATEGIES } from '../../../shared/task/task.ts';
import type { Lane, Strategy } from '../../../shared/task/task.ts';
import { loadConfig } from '../config.ts';
import { EXIT } from '../exit-code.ts';
import { interruptible, Interruption } from '../interruption.ts';
import { isAnimated } from '../is-animated.ts';
import { parseSpan } from '../parse-span.ts';
import { ProgressLine } from '../progress-line.ts';
import { dryRun, dryRunDocument, dryRunSummary } from '../publish/dry-run.ts';
import { publishFile } from '../publish/publish-file.ts';
import { publishDocument, publishSummary, rejectLines } from '../publish/publish-report.ts';
import type { PublishRequest } from '../publish/publish-request.ts';
import { RejectsFile } from '../publish/rejects-file.ts';
import { createStderrLog } from '../stderr-log.ts';
import { withTracing } from '../with-tracing.ts';

interface PublishFlags {
  readonly pipeline: string;
  readonly priority?: number;
  readonly lane?: Lane;
  readonly map?: ReadonlyMap<string, string>;
  readonly format?: Format;
  readonly rate?: Rate;
  readonly providers?: readonly string[];
  readonly strategy?: Strategy;
  readonly refresh?: boolean;
  readonly dedupeWindow?: number;
  readonly owner?: string;
  readonly strict?: boolean;
  readonly rejects?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  $ enrich publish tracks.csv                         columns track_id, artist, title … in any order and case
  $ enrich publish movies.json --pipeline movies --map 'title=Title,year="Release Date"'
  $ zcat scraped.ndjson.gz | enrich publish - --lane backlog --rate 200
  $ enrich publish tracks.csv --dry-run               what is bad, what is known already, how long it would take
  $ enrich publish tracks.csv --strict                nothing is published when a single row is bad
  $ enrich publish tracks.rejects.csv                 the rejected rows of an earlier run, corrected

Rows without an id get one made of their other fields: the same record always gets the same id.
Exit codes: 0 all published, 2 usage, 3 some rows rejected, 69 the queue is not there, 75 the broker is not, 130 Ctrl-C.`;

const SERVICE = 'enrich-publish';

/** `enrich publish`: sets the exit code, and writes the result to stdout and everything else to stderr. */
export function addPublish(program: Command): void {
  const names = pipelines.map(({ name }) => name);
  program
    .command('publish')
    .description('Publish the records of a file (CSV, JSON, NDJSON; - for standard input) to be enriched.')
    .argument('<file>', 'path of the file, or - for standard input')
    .addOption(new Option('--pipeline <name>', 'what the records are').choices(names).default(names[0]))
    .option(
      '--priority <0-10>',
      `0 whenever … ${HIGHEST_PRIORITY} now; from 4 on in the priority lane (default 5)`,
      parsePriority,
    )
    .addOption(new Option('--lane <name>', 'overrides the lane that the priority tells').choices(LANES))
    .option('--map <pairs>', 'columns by field: title=Title,year="Release Date"', parseColumnMap)
    .addOption(new Option('--format <name>', 'instead of telling it by the content').choices(FORMATS))
    .option('--rate <n/s>', 'publish at most so many a second: 200, 200/s, 1000/m', parsePublishRate)
    .option('--providers <names>', 'ask these instead of the usual ones: spotify,musicbrainz', parseProviders)
    .addOption(new Option('--strategy <name>', 'stop at the first match, or merge all').choices(STRATEGIES))
    .option('--refresh', 'answers that are cached now do not count')
    .addOption(
      new Option('--dedupe-window <time>', 'leave out what was published since: 10m, 24h')
        .argParser(parseSpan)
        .conflicts('refresh'),
    )
    .option('--owner <name>', 'whose records they are')
    .option('--strict', 'publish nothing when a row is bad')
    .option('--rejects <file>', 'where rejected rows go (default: <file>.rejects.csv or .ndjson here)')
    .option(
      '--dry-run',
      'publish nothing: say what is bad, what is known already, and how long the rest takes',
    )
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: PublishFlags) => {
      const request = requestOf(file, flags);
      const isJson = flags.json === true;
      process.exitCode = await (flags.dryRun === true
        ? tryOut(request, isJson)
        : withTracing(SERVICE, () => publish(request, isJson)));
    });
}

async function tryOut(request: PublishRequest, isJson: boolean): Promise<number> {
  const { redisUrl } = loadConfig();
  const { stdout, stderr } = process;
  const stdin = pipedInput(request);
  const result = await dryRun(request, { stdin, redisUrl, log: SILENT, signal: interruptible() });
  for (const line of rejectLines(result.tally, undefined)) stderr.write(`${line}\n`);
  const said = isJson ? JSON.stringify(dryRunDocument(request, result), undefined, 2) : dryRunSummary(result);
  stdout.write(`${said}\n`);
  return result.tally.rejected > 0 ? EXIT.someRejected : EXIT.ok;
}

async function publish(request: PublishRequest, isJson: boolean): Promise<number> {
  const { rabbitmqUrl, redisUrl } = loadConfig();
  const { stdout, stderr } = process;
  const stdin = pipedInput(request);
  const signal = interruptible();
  const rejects = new RejectsFile((extension) => request.rejects ?? rejectsPathOf(request.file, extension));
  const startedAt = performance.now();
  const named = { name: `${SERVICE}@${hostname()}`, log: createStderrLog(stderr) };
  const { dedupeWindowMs: windowMs } = request;
  const dedupe =
    windowMs === undefined ? undefined : await openDedupeWindow({ ...named, redisUrl, windowMs });
  const result = await publishFile(request, {
    stdin,
    rejects,
    signal,
    publisher: new TaskPublisher({
      ...named,
      url: rabbitmqUrl,
      window: 1_000,
      ...(dedupe && { once: (task, lane, send) => dedupe.once(task, lane, send) }),
    }),
    progress: new ProgressLine({ stream: stderr, isShown: isAnimated(stderr), unit: 'rows' }),
  });
  dedupe?.close();
  const seconds = (performance.now() - startedAt) / 1_000;
  const isInterrupted = result.failure instanceof Interruption;
  const duplicates = dedupe?.duplicates ?? 0;
  const facts = { request, result, seconds, duplicates, rejectsPath: rejects.path, isInterrupted };
  for (const line of rejectLines(result.tally, rejects.path)) stderr.write(`${line}\n`);
  if (isJson) stdout.write(`${JSON.stringify(publishDocument(facts), undefined, 2)}\n`);
  else if (result.tally.rows > 0 || result.failure === undefined) stdout.write(`${publishSummary(facts)}\n`);
  if (isInterrupted) return EXIT.interrupted;
  if (result.failure !== undefined) throw result.failure;
  return result.tally.rejected > 0 ? EXIT.someRejected : EXIT.ok;
}

/** Somebody who forgot the pipe would wait for ever. */
function pipedInput({ file }: PublishRequest): NodeJS.ReadStream {
  if (file === '-' && process.stdin.isTTY) {
    throw new InputError('- reads standard input, but nothing is piped into it: cat file | enrich publish -');
  }
  return process.stdin;
}

function requestOf(file: string, flags: PublishFlags): PublishRequest {
  const { pipeline: name, refresh, strict, dedupeWindow, json: _json, dryRun: _dryRun, ...rest } = flags;
  if (rest.rejects !== undefined && resolve(rest.rejects) === resolve(file)) {
    throw new InputError('--rejects names the file that is read: rejected rows would overwrite it');
  }
  const pipeline = pipelineNamed(name);
  if (pipeline === undefined) throw new InputError(`there is no pipeline '${name}'`);
  return {
    ...rest,
    file,
    pipeline,
    isStrict: strict === true,
    ...(refresh === true && { notBefore: Date.now() }),
    ...(dedupeWindow !== undefined && { dedupeWindowMs: dedupeWindow }),
  };
}

function rejectsPathOf(file: string, extension: string): string {
  const name = file === '-' ? 'stdin' : basename(file).replace(/(?<=.)\.[^.]*$/, '');
  return `${name}.rejects.${extension}`;
}

function parsePriority(raw: string): number {
  const priority = Number(raw);
  if (/^\d+$/.test(raw) && priority <= HIGHEST_PRIORITY) return priority;
  throw new InvalidArgumentError(`Expected an integer 0–${HIGHEST_PRIORITY}.`);
}

function parsePublishRate(raw: string): Rate {
  try {
    return parseRate(/^\d+$/.test(raw) ? `${raw}/s` : raw);
  } catch {
    throw new InvalidArgumentError('Expected rows by time, such as 200, 200/s or 1000/m.');
  }
}

function parseProviders(raw: string): readonly string[] {
  const known = listProviders();
  const names = raw.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw new InvalidArgumentError(`There is no '${unknown}', only ${known.join(', ')}.`);
}
