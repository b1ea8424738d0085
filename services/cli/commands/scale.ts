import { type Command, InvalidArgumentError, Option } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interruption.ts';
import { parseSpan } from '../parse-span.ts';
import type { Bounds } from '../scale/decide.ts';
import { type Scaling, ServiceScaler } from '../scale/scale-services.ts';

const EXAMPLES = `
Brings enrichment-worker to what the priority lane has use for, enrichment-backlog-worker to what the backlog has (enrich
status shows both). Where a provider's limit is used up, more workers are of no use and none are started.

Once, it applies what is wanted at this moment. With --watch it looks again and again, and starts more when a lane is behind:
a task over 5 minutes old (backlog: 4 hours), over 1,000 waiting for 10 minutes, or more of them than 10 minutes ago; and
runs fewer after an hour in which fewer were enough.

It runs docker compose in this folder (COMPOSE_FILE counts). What waits is asked of the servers that RABBITMQ_URL, REDIS_URL
and DATABASE_URL name; where none is set, of \`docker compose run enrich status\`.

Examples:
  $ enrich scale --compose --dry-run
  $ enrich scale --compose --watch --workers 3-20 --backlog-workers 1-4

Exit codes: 0 done, 1 docker failed, 2 usage, 75 servers away, 130 Ctrl-C.`;

interface Flags {
  readonly compose: true;
  readonly watch?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly workers: Bounds;
  readonly backlogWorkers: Bounds;
  readonly every: number;
}

/** `enrich scale`. */
export function addScale(program: Command): void {
  program
    .command('scale')
    .description('Run as many workers as there is use for.')
    .requiredOption('--compose', 'with docker compose; Kubernetes has KEDA for it (docs/kubernetes.md)')
    .option('--watch', 'go on until Ctrl-C')
    .addOption(boundsOption('--workers <min-max>', 'enrichment-worker', '3-10'))
    .addOption(boundsOption('--backlog-workers <min-max>', 'enrichment-backlog-worker', '1-2'))
    .addOption(
      new Option('--every <time>', 'how often --watch looks').argParser(parseSpan).default(30_000, '30s'),
    )
    .option('--dry-run', 'say what would be done')
    .option('--json', 'print JSON instead of text: one document, or with --watch one a line')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      process.exitCode = await scale(flags);
    });
}

async function scale(flags: Flags): Promise<number> {
  const { watch: isWatching = false, dryRun: isDryRun = false, workers, backlogWorkers, every } = flags;
  const bounds = { priority: workers, backlog: backlogWorkers };
  const scaler = new ServiceScaler({ bounds, isDryRun, isWatching });
  if (!isWatching) {
    print(await scaler.step(), flags);
    return EXIT.ok;
  }
  const signal = interruptible();
  let latest = '';
  while (!signal.aborted) {
    try {
      const scaling = await scaler.step();
      // What stays as it is would fill the screen.
      const text = scalingText(scaling);
      if (flags.json === true || text !== latest) print(scaling, flags);
      latest = text;
    } catch (error) {
      process.stderr.write(`${(error as Error).message}; trying again\n`);
    }
    await delay(every, undefined, { signal }).catch(() => undefined);
  }
  return EXIT.interrupted;
}

function print(scaling: Scaling, { json, watch }: Flags): void {
  const text =
    json === true ? JSON.stringify(scaling, undefined, watch === true ? undefined : 2) : scalingText(scaling);
  process.stdout.write(`${text}\n`);
}

function scalingText({ services, command, applied }: Scaling): string {
  const lines = services.map(({ service, running, replicas, why }) =>
    running === replicas
      ? `${service}: ${running}, stays: ${why}`
      : `${service}: ${running} to ${replicas}: ${why}`,
  );
  return command === ''
    ? lines.join('\n')
    : [...lines, `${applied ? 'done' : 'would run'}: ${command}`].join('\n');
}

const boundsOption = (flags: string, service: string, usual: string): Option =>
  new Option(flags, `bounds of ${service}`).argParser(parseBounds).default(parseBounds(usual), usual);

function parseBounds(text: string): Bounds {
  const [, min = Number.NaN, max = Number.NaN] = (/^(\d{1,3})-(\d{1,3})$/.exec(text) ?? []).map(Number);
  if (!(min <= max)) throw new InvalidArgumentError('expected the fewest and the most, such as 3-10');
  return { min, max };
}
