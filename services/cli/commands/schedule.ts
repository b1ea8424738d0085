import type { Command } from 'commander';
import {
  listRuns,
  listSchedules,
  runScheduleNow,
  type ScheduleRow,
  type ScheduleRun,
} from '../../../shared/postgres/schedules.ts';
import { insertAuditEntry } from '../../../shared/postgres/audit-log.ts';
import { type ActorFlag, addActorOption, withControls } from '../controls/with-controls.ts';
import { parseCount } from '../dlq/filter-options.ts';
import { ago, shortened, table } from '../dlq/letter-table.ts';
import { NotFound } from '../not-found.ts';
import { duration } from '../progress-line.ts';

interface Flags extends ActorFlag {
  readonly json?: boolean;
}

/** `enrich schedule list | run | history`. */
export function addSchedule(program: Command): void {
  const schedule = program
    .command('schedule')
    .description('What the scheduler does again and again: list, run now, history.');
  schedule
    .command('list')
    .description('Every schedule, when it is due, and who runs it now.')
    .option('--json', 'print one JSON document instead of text')
    .action(async (flags: Flags) => {
      const rows = await withControls(flags, ({ pool }) => listSchedules(pool));
      print(flags, rows, scheduleTable(rows));
    });
  addActorOption(schedule.command('run').argument('<name>', 'a schedule of enrich schedule list'))
    .description('Make it due now; one that is running is not begun a second time.')
    .option('--json', 'print one JSON document instead of text')
    .action(async (name: string, flags: Flags) => {
      await withControls(flags, async ({ pool, actor }) => {
        if (!(await runScheduleNow(pool, name)))
          throw new NotFound(`there is no schedule '${name}': enrich schedule list`);
        await insertAuditEntry(pool, { actor, action: 'schedule.run', target: name, detail: {} });
      });
      print(
        flags,
        { schedule: name, due: true },
        `${name} is due now. Next: enrich schedule history ${name}`,
      );
    });
  schedule
    .command('history')
    .argument('[name]', 'of this schedule alone')
    .description('The latest runs and what came of them, newest first.')
    .option('--limit <n>', 'so many', parseCount, 20)
    .option('--json', 'print one JSON document instead of text')
    .action(async (name: string | undefined, flags: Flags & { readonly limit: number }) => {
      const runs = await withControls(flags, ({ pool }) => listRuns(pool, name ?? null, flags.limit));
      print(flags, runs, historyTable(runs));
    });
}

function print({ json }: Flags, document: unknown, text: string): void {
  process.stdout.write(`${json === true ? JSON.stringify(document) : text}\n`);
}

const scheduleTable = (rows: readonly ScheduleRow[]): string =>
  table(
    ['SCHEDULE', 'WHEN (UTC)', 'NEXT', 'SKIPPED', 'RUNS AT'],
    rows.map(({ name, cron, nextAt, skipped, holder }) => [
      name,
      cron,
      Number.isFinite(nextAt) ? `in ${duration(Math.max(0, (nextAt - Date.now()) / 1_000))}` : 'when asked',
      String(skipped),
      holder,
    ]),
  );

const historyTable = (runs: readonly ScheduleRun[]): string =>
  table(
    ['SCHEDULE', 'BEGAN', 'TOOK', 'OUTCOME', 'SKIPPED', 'WHAT CAME OF IT'],
    runs.map(({ schedule, startedAt, finishedAt, outcome, skipped, error, detail }) => [
      schedule,
      ago(startedAt),
      duration(Math.max(0, ((finishedAt ?? Date.now()) - startedAt) / 1_000)),
      outcome,
      String(skipped),
      shortened(error ?? JSON.stringify(detail), 100),
    ]),
  );
