import { eventually, openTestDatabase, type TestDatabase } from '../../tests/harness.ts';
import type { Log } from '../../shared/observability/log.ts';
import { openMetrics } from '../../shared/observability/metrics.ts';
import { openPool, type Pool } from '../../shared/postgres/pool.ts';
import { listRuns, listSchedules, runScheduleNow, saveSchedule } from '../../shared/postgres/schedules.ts';
import { nextTurn, type Schedule, Scheduler } from './scheduler.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await openTestDatabase();
  pool = openPool({ url: database.url, max: 4, applicationName: 'test' });
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

interface Opened {
  readonly scheduler: Scheduler;
  readonly warnings: string[];
}

function open(holder: string, schedule: Schedule): Opened {
  const warnings: string[] = [];
  const log: Log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (message) => warnings.push(message),
    error: (message) => warnings.push(message),
    isEnabled: () => true,
  };
  const scheduler = new Scheduler({
    schedules: [schedule],
    pool,
    metrics: openMetrics({ version: '1', service: 'test' }),
    log,
    holder,
    stopping: new AbortController().signal,
  });
  return { scheduler, warnings };
}

/** A schedule whose runs end when they are told to. */
async function heldSchedule(name: string): Promise<{
  schedule: Schedule;
  begun: AbortSignal[];
  release: () => void;
}> {
  const begun: AbortSignal[] = [];
  let release = (): void => undefined;
  const promise = new Promise<void>((resolve) => (release = resolve));
  const schedule = {
    name,
    cron: '* * * * *',
    run: async (signal: AbortSignal) => {
      begun.push(signal);
      await promise;
      return { done: true };
    },
  };
  await saveSchedule(pool, { name, cron: schedule.cron, nextAt: Date.now() - 1, enabled: true });
  return { schedule, begun, release };
}

test('however many processes look, a turn is run once, and its end is in the history', async () => {
  const { schedule, begun, release } = await heldSchedule('once');
  const all = ['a', 'b', 'c'].map((holder) => open(holder, schedule).scheduler);
  await Promise.all(all.map((scheduler) => scheduler.look()));
  release();
  await Promise.all(all.map((scheduler) => scheduler.idle()));
  expect(begun).toHaveLength(1);
  const runs = await listRuns(pool, 'once', 10);
  expect(runs).toMatchObject([{ outcome: 'ok', detail: { done: true }, skipped: 0 }]);
});

test('turns that fall into a run are skipped and counted, and said once', async () => {
  const { schedule, begun, release } = await heldSchedule('slow');
  const [first, second] = [open('a', schedule), open('b', schedule)];
  await first.scheduler.look();
  for (let turn = 0; turn < 3; turn += 1) {
    await runScheduleNow(pool, 'slow');
    await second.scheduler.look();
  }
  expect(begun).toHaveLength(1);
  expect(second.warnings).toEqual(['schedule is still running, its turns are skipped']);
  expect(await listRuns(pool, 'slow', 10)).toMatchObject([{ outcome: 'running', skipped: 3 }]);
  release();
  await first.scheduler.idle();
  await runScheduleNow(pool, 'slow');
  await second.scheduler.look();
  await second.scheduler.idle();
  expect(begun).toHaveLength(2);
});

test('a run whose holder went without a word is lost, and its turn is free again', async () => {
  const { schedule, begun, release } = await heldSchedule('lost');
  await open('a', schedule).scheduler.look();
  await pool.query(
    `update schedules set held_until = now() - interval '1 s', next_at = now() where name = 'lost'`,
  );
  const { scheduler } = open('b', schedule);
  await scheduler.look();
  expect(begun).toHaveLength(2);
  release();
  await scheduler.idle();
  await eventually(async () => {
    const outcomes = (await listRuns(pool, 'lost', 10)).map(({ outcome, holder }) => [holder, outcome]);
    expect(outcomes).toEqual([
      ['b', 'ok'],
      ['a', 'lost'],
    ]);
  });
});

test('a run that fails says why, and the next turn is run all the same', async () => {
  const name = 'broken';
  let turns = 0;
  const schedule: Schedule = {
    name,
    cron: '* * * * *',
    run: async () => {
      turns += 1;
      throw new Error('the disk is full');
    },
  };
  await saveSchedule(pool, { name, cron: schedule.cron, nextAt: 0, enabled: true });
  const { scheduler } = open('a', schedule);
  await scheduler.look();
  await scheduler.idle();
  await runScheduleNow(pool, name);
  await scheduler.look();
  await scheduler.idle();
  expect(turns).toBe(2);
  expect(await listRuns(pool, name, 1)).toMatchObject([{ outcome: 'failed', error: 'the disk is full' }]);
});

test('a schedule that is off runs only when somebody asks', async () => {
  const { schedule, begun, release } = await heldSchedule('asked');
  const off = { ...schedule, cron: 'off' };
  await saveSchedule(pool, { name: 'asked', cron: 'off', nextAt: nextTurn('off'), enabled: false });
  const { scheduler } = open('a', off);
  await scheduler.look();
  expect(begun).toHaveLength(0);
  await runScheduleNow(pool, 'asked');
  await scheduler.look();
  release();
  await scheduler.idle();
  expect(begun).toHaveLength(1);
  const row = (await listSchedules(pool)).find(({ name }) => name === 'asked');
  expect(row).toMatchObject({ enabled: false, nextAt: Infinity });
});

test('times are told in UTC', () => {
  expect(nextTurn('17 3 * * *', new Date('2026-03-29T00:30:00Z'))).toBe(Date.parse('2026-03-29T03:17:00Z'));
});
