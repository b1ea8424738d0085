/**
 * Runs what is due, each schedule at most once at a time over all replicas: the row in `schedules` is the lease. A turn
 * that falls into a run which is still going is counted, and said once for that run.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Cron } from 'croner';
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { Pool } from '../../shared/postgres/pool.ts';
import {
  endTurn,
  listDueSchedules,
  renewTurn,
  saveSchedule,
  takeTurn,
  TURN_SECONDS,
} from '../../shared/postgres/schedules.ts';
import type { Fields } from '../../shared/task/fields.ts';

export interface Schedule {
  readonly name: string;
  /** Cron expression in UTC, with or without seconds; `off` = only when somebody asks for it. */
  readonly cron: string;
  /** Does one turn and tells what came of it. The signal aborts when the process stops or the lease is lost. */
  run(signal: AbortSignal): Promise<Fields>;
}

export interface SchedulerDeps {
  readonly schedules: readonly Schedule[];
  readonly pool: Pool;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Unique to this process. */
  readonly holder: string;
  readonly stopping: AbortSignal;
}

const LOOK_MS = 1_000;

/** Epoch milliseconds of the next turn; Infinity = never by itself. Throws for what is no cron expression. */
export function nextTurn(cron: string, after = new Date()): number {
  if (cron === 'off') return Infinity;
  return new Cron(cron, { timezone: 'UTC', paused: true }).nextRun(after)?.getTime() ?? Infinity;
}

export class Scheduler {
  readonly #deps: SchedulerDeps;
  readonly #running = new Map<string, Promise<void>>();
  readonly #saidOf = new Map<string, number>();
  #isFailing = false;

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
    // A count that begins with its first event hides this event.
    for (const { name } of deps.schedules)
      for (const outcome of ['ok', 'failed', 'skipped']) deps.metrics.of.scheduleRuns(name, outcome).inc(0);
  }

  /** False while the database is away. */
  get isAble(): boolean {
    return !this.#isFailing;
  }

  /** Until the process stops; what runs then is told to, and waited for. */
  async run(): Promise<void> {
    const { stopping, log, schedules, pool } = this.#deps;
    let areKnown = false;
    while (!stopping.aborted) {
      try {
        if (!areKnown)
          for (const { name, cron } of schedules)
            await saveSchedule(pool, { name, cron, nextAt: nextTurn(cron), enabled: cron !== 'off' });
        areKnown = true;
        await this.look();
        this.#isFailing = false;
      } catch (error) {
        if (!this.#isFailing) log.error('schedules cannot be read', { error: (error as Error).message });
        this.#isFailing = true;
      }
      await delay(LOOK_MS, undefined, { signal: stopping }).catch(() => undefined);
    }
    await this.idle();
  }

  /** Begins what is due; does not wait for it. */
  async look(): Promise<void> {
    const due = new Set(await listDueSchedules(this.#deps.pool));
    for (const schedule of this.#deps.schedules) if (due.has(schedule.name)) await this.#begin(schedule);
  }

  /** Resolves when nothing runs here. */
  async idle(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #begin(schedule: Schedule): Promise<void> {
    const { pool, holder, log, metrics } = this.#deps;
    const { name, cron } = schedule;
    const turn = await takeTurn(pool, { name, holder, nextAt: nextTurn(cron) });
    if (turn.kind === 'none') return;
    if (turn.kind === 'skipped') {
      metrics.of.scheduleRuns(name, 'skipped').inc();
      if (this.#saidOf.get(name) === turn.runId) return;
      this.#saidOf.set(name, turn.runId);
      log.warn('schedule is still running, its turns are skipped', { schedule: name, holder: turn.holder });
      return;
    }
    const run = this.#runTurn(schedule, turn.runId).finally(() => this.#running.delete(name));
    this.#running.set(name, run);
  }

  async #runTurn(schedule: Schedule, runId: number): Promise<void> {
    const { pool, holder, log, metrics, stopping } = this.#deps;
    const { name } = schedule;
    const lost = new AbortController();
    const timer = setInterval(
      () => {
        void this.#renew(name, lost);
      },
      (TURN_SECONDS * 1_000) / 3,
    );
    const began = performance.now();
    try {
      const detail = await schedule.run(AbortSignal.any([stopping, lost.signal]));
      await endTurn(pool, { name, holder, runId }, { outcome: 'ok', detail });
      metrics.of.scheduleRuns(name, 'ok').inc();
      log.debug('schedule ran', { schedule: name, ms: Math.round(performance.now() - began), ...detail });
    } catch (error) {
      const { message } = error as Error;
      log.error('schedule failed', { schedule: name, error: message });
      metrics.of.scheduleRuns(name, 'failed').inc();
      // The database itself may be what failed: then the lease lapses, and the run counts as lost.
      await endTurn(pool, { name, holder, runId }, { outcome: 'failed', error: message, detail: {} }).catch(
        () => undefined,
      );
    } finally {
      clearInterval(timer);
    }
  }

  async #renew(name: string, lost: AbortController): Promise<void> {
    try {
      if (!(await renewTurn(this.#deps.pool, name, this.#deps.holder)))
        lost.abort(new Error(`somebody else runs schedule '${name}'`));
    } catch (error) {
      // There are two more tries before the lease lapses.
      this.#deps.log.warn('schedule lease could not be renewed', {
        schedule: name,
        error: (error as Error).message,
      });
    }
  }
}
