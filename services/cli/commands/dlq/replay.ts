import { type Command, InvalidArgumentError } from 'commander';
import { pipelinesOf } from '../../../../shared/dead-letters/dead-letter-queues.ts';
import { replay, type ReplayEnd, type ReplayProgress } from '../../../../shared/dead-letters/replay.ts';
import { countLetters, listGroups } from '../../../../shared/postgres/dead-letter-search.ts';
import { parseRate, type Rate } from '../../../../shared/runtime/environment.ts';
import type { DeadLetterFilter } from '../../../../shared/task/dead-letter-filter.ts';
import {
  addAllOption,
  addFilterOptions,
  type FilterFlags,
  parseCount,
  wantedOf,
} from '../../dlq/filter-options.ts';
import { replayDocument, replayText } from '../../dlq/replay-report.ts';
import { type AtTheDesk, withDesk, withIndex } from '../../dlq/with-desk.ts';
import { EXIT } from '../../exit-code.ts';
import type { Progress } from '../../progress-line.ts';
import { thousands } from '../../progress-line.ts';

interface ReplayFlags extends FilterFlags {
  readonly all?: boolean;
  readonly limit?: number;
  readonly rate?: Rate;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly canary: boolean;
  readonly refresh?: boolean;
  readonly wait: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Five letters go first. The others follow when the five have an outcome and at most half of them came back; from then on
the replay stops when more than half of the latest fifty did. Letters whose entity was enriched since are dropped.

Examples:
  $ enrich dlq replay --group 3fa9
  $ enrich dlq replay --provider spotify --since 2h --rate 20/s
  $ enrich dlq replay --pipeline movies --all --dry-run

Ctrl-C stops between two letters; the same command goes on from there.
Exit codes: 0 all of them enriched or settled, 3 some came back or were left, 75 another sweep is at work, 130 Ctrl-C.`;

/** `enrich dlq replay`. */
export function addReplay(dlq: Command): void {
  const command = dlq.command('replay').description('Send dead letters on their way again.');
  addAllOption(addFilterOptions(command))
    .option('--limit <n>', 'at most so many', parseCount)
    .option('--rate <n/s>', 'at most so many a second: 20, 20/s, 100/m', parseReplayRate)
    .option('--dry-run', 'only say what would be replayed')
    .option('--force', 'also those that came back three times')
    .option('--no-canary', 'all at once: no canary, no stop, and no waiting for the outcome')
    .option('--refresh', 'answers that are cached now do not count')
    .option('--wait <seconds>', 'give up when nothing has an outcome for so long', parseCount, 120)
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ReplayFlags) => {
      const filter = wantedOf(flags);
      process.exitCode =
        flags.dryRun === true
          ? await dryRun(filter, flags)
          : await withDesk((at) => replayAll(at, filter, flags));
    });
}

async function dryRun(filter: DeadLetterFilter, { limit = Infinity, json }: ReplayFlags): Promise<number> {
  const { count, groups } = await withIndex(async (pool) => ({
    count: await countLetters(pool, filter),
    groups: await listGroups(pool, filter),
  }));
  const would = Math.min(count, limit);
  if (json === true) {
    const causes = groups.map(({ fingerprint, pipeline, count: letters }) => ({
      group: fingerprint,
      pipeline,
      letters,
    }));
    process.stdout.write(
      `${JSON.stringify({ dry_run: true, matching: count, would_replay: would, groups: causes })}\n`,
    );
  } else {
    const causes = groups.map(({ fingerprint, pipeline, count: letters, errorClass }) => {
      return `  ${fingerprint}  ${pipeline}  ${thousands(letters)}  ${errorClass}`;
    });
    process.stdout.write(
      [`Would replay ${thousands(would)} of ${thousands(count)} that match:`, ...causes, ''].join('\n'),
    );
  }
  return EXIT.ok;
}

async function replayAll(at: AtTheDesk, filter: DeadLetterFilter, flags: ReplayFlags): Promise<number> {
  const ends: ReplayEnd[] = [];
  let now: ReplayProgress | undefined;
  at.progress.start(() => progressOf(now));
  for (const pipeline of pipelinesOf(filter)) {
    const left = flags.limit === undefined ? undefined : flags.limit - sum(ends, 'sent');
    if (at.signal.aborted || left === 0) break;
    const request = {
      pipeline,
      filter,
      ...(left !== undefined && { limit: left }),
      ...(flags.rate && { rate: flags.rate }),
      isForced: flags.force === true,
      isWatched: flags.canary,
      isRefresh: flags.refresh === true,
      silenceMs: flags.wait * 1_000,
    };
    const onProgress = (progress: ReplayProgress): void => {
      now = progress;
    };
    ends.push(await replay(at.desk, request, { signal: at.signal, onProgress }));
  }
  at.progress.end();
  const facts = { ends, isWatched: flags.canary, isInterrupted: at.signal.aborted };
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(replayDocument(facts), undefined, 2)}\n`
      : `${replayText(facts)}\n`,
  );
  if (at.signal.aborted) return EXIT.interrupted;
  const hasLeft = ends.some(
    ({ stopped, refused, outcome }) => stopped !== undefined || refused + outcome.back > 0,
  );
  return hasLeft ? EXIT.someRejected : EXIT.ok;
}

const sum = (ends: readonly ReplayEnd[], key: 'sent'): number =>
  ends.reduce((total, end) => total + end[key], 0);

function progressOf(now: ReplayProgress | undefined): Progress {
  if (now === undefined) return { count: 0 };
  const { seen, bound, sent, outcome } = now;
  return {
    count: sent,
    ...(bound > 0 && { fraction: seen / bound }),
    remark: `${thousands(outcome.enriched)} enriched, ${thousands(outcome.back)} came back`,
  };
}

function parseReplayRate(raw: string): Rate {
  try {
    return parseRate(/^\d+$/.test(raw) ? `${raw}/s` : raw);
  } catch {
    throw new InvalidArgumentError('Expected letters by time, such as 20, 20/s or 100/m.');
  }
}
